/** The relay's public facts, as it states them itself: nothing here is believed where keys are concerned. */

/** What `/site.json` says. */
export interface Site {
  readonly name: string;
  readonly relay: string;
  /** The trust fingerprint, 64 hex digits; null until trust is published. */
  readonly fingerprint: string | null;
  /** False until trust and directory are published. */
  readonly open: boolean;
  /** A relay for trying out, where no real name may be written. */
  readonly demo: boolean;
  readonly limits: { readonly text: number; readonly enclosures: number; readonly enclosure_bytes: number };
}

/** Fetch the facts; throws TypeError where the network is gone, Error where there is no relay. */
export async function fetchSite(): Promise<Site> {
  const answer = await fetch("/site.json", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("there is no relay here");
  const said = (await answer.json()) as Partial<Site>;
  const limits = { text: 8000, enclosures: 3, enclosure_bytes: 4_194_304, ...said.limits };
  const { name = location.host, relay = "", fingerprint = null, demo = false } = said;
  return { name, relay, fingerprint, demo, open: said.open ?? fingerprint !== null, limits };
}
