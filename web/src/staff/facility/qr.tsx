/** Codes as pictures of one path: dark on white in every theme and on paper, with the quiet edge that readers need. */

import { encode } from "uqr";

/** The path of a code's dark squares, with the length of its side in squares, edge included. */
export function qrPath(text: string): { path: string; size: number } {
  // Level Q survives a photocopy; four squares of edge are what the standard asks for.
  const { size, data } = encode(text, { ecc: "Q", border: 4 });
  const runs = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")));
  return { path: runs.join(""), size };
}

/** Draw a code; `label` says what it is, to those who do not see it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = qrPath(text);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
