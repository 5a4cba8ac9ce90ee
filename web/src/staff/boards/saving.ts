/** Files that the page made, handed to whoever looks at it. */

/** How long a download may take to begin before its address is given up. */
const KEEP_MS = 60_000;

/** Offer a file under a name; the browser asks where to. */
export function saveFile(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
