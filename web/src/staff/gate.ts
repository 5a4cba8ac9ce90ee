/**
 * The gate: which relay this is, whether its fingerprint is known here, and how somebody comes in. Trust and directory are
 * verified before anything else is believed, and before a code is asked for anything.
 */

import { parseCode } from "../core/codes";
import { openKeyring } from "../core/keyrings";
import { Problem } from "../core/problems";
import { isDigest, isId, type Members } from "./answers";
import { TrustBook } from "./book";
import { keepText, keptText } from "./keeping";
import { type Possibility, passkeysPossible, unlockByPasskey } from "./passkeys";
import { forget, StaffSession, type Unlocked } from "./session";
import { seedOfCode } from "./vault";
import { Wire } from "./wire";

/** What `/site.json` says; the fingerprint is believed only if it comes from this very machine. */
export interface Site {
  readonly name: string;
  readonly demo: boolean;
  readonly fingerprint?: string | undefined;
  /** Whether the member's own installed client serves the page, and vouches for the fingerprint. */
  readonly local: boolean;
}

/** Why a fingerprint is believed: the installed client, this device's memory, whoever typed it, or only the demo. */
export type PinnedFrom = "local" | "kept" | "typed" | "demo";

const KEPT_PIN = "letter-relay/staff/fingerprint";
const KEPT_STAFF = "letter-relay/staff/id";

/** A relay's gate. */
export class Gate {
  fingerprint: string | undefined;
  pinnedFrom: PinnedFrom | undefined;
  /** What the relay was verified against last: it has the evidence, if its log was not the one seen before. */
  book: TrustBook | undefined;
  readonly passkeys: Possibility = passkeysPossible();
  readonly #wire = new Wire();

  constructor(readonly site: Site) {
    const kept = keptText(KEPT_PIN);
    if (site.local && site.fingerprint !== undefined) this.#believe(site.fingerprint, "local");
    else if (kept !== "") this.#believe(kept, "kept");
    else if (site.demo && site.fingerprint !== undefined) this.#believe(site.fingerprint, "demo");
  }

  /** Ask which relay this is; throws Problem "page_insecure" or "no_crypto" where nothing can be done. */
  static async arrive(): Promise<Gate> {
    if (!isSecureContext) throw new Problem("page_insecure");
    if (typeof crypto?.getRandomValues !== "function" || typeof BigInt === "undefined") throw new Problem("no_crypto");
    return new Gate(readSite(await new Wire().get("/site.json")));
  }

  /** Whether somebody may come in: the fingerprint is known. */
  get isPinned(): boolean {
    return this.fingerprint !== undefined;
  }

  /** The id that this device remembers, if it was asked to. */
  get rememberedStaff(): string {
    return keptText(KEPT_STAFF);
  }

  /** Remember an id; an empty one forgets it. */
  rememberStaff(staff: string): void {
    keepText(KEPT_STAFF, isId(staff) ? staff : "");
  }

  /** Take the fingerprint as it was typed off paper; throws Problem "fingerprint_mistyped". */
  pin(text: string): void {
    const digits = text.toLowerCase().replace(/[\s-]/g, "");
    if (!isDigest(digits)) throw new Problem("fingerprint_mistyped");
    this.#believe(digits, "typed");
    keepText(KEPT_PIN, digits);
  }

  /** Whether the fingerprint was typed by a person, who may have typed another relay's, or from an old paper. */
  get mayPinAgain(): boolean {
    return this.pinnedFrom === "typed" || this.pinnedFrom === "kept";
  }

  /** Forget the fingerprint that was typed, so that it can be typed anew. */
  unpin(): void {
    this.fingerprint = undefined;
    this.pinnedFrom = undefined;
    keepText(KEPT_PIN, "");
  }

  /** Come in with the id, or its beginning, and the printed code. */
  async enterByCode(staff: string, typed: string): Promise<StaffSession> {
    const code = parseCode(typed);
    const book = await this.#verified();
    const id = idOf(book, staff);
    const seed = await seedOfCode(code, book.trust.relay);
    return this.#enter(book, id, seed);
  }

  /** Come in with a passkey; it says whose it is. */
  async enterByPasskey(): Promise<StaffSession> {
    const book = await this.#verified();
    const { staff, seed } = await unlockByPasskey(book.trust.relay);
    return this.#enter(book, staff, seed);
  }

  async #verified(): Promise<TrustBook> {
    this.book = undefined;
    this.book = new TrustBook(this.fingerprint!);
    await look(this.book, this.#wire);
    return this.book;
  }

  async #enter(book: TrustBook, staff: string, seed: Uint8Array): Promise<StaffSession> {
    const unlocked = await openOwn(book, this.#wire, staff, seed);
    const session = new StaffSession(new Wire(), book, unlocked, this.passkeys);
    try {
      await session.signIn();
    } catch (fault) {
      session.lock();
      throw fault;
    }
    return session;
  }

  #believe(fingerprint: string, from: PinnedFrom): void {
    this.fingerprint = fingerprint;
    this.pinnedFrom = from;
  }
}

/**
 * Open a locked session again, for the same member only, after looking at the relay as at first; throws Problem
 * "other_member", and whatever `enterByCode` does.
 */
export async function reopen(session: StaffSession, by: { readonly code: string } | "passkey"): Promise<StaffSession> {
  const { relay, book, id, wire } = session;
  await look(book, wire);
  const { staff, seed } =
    by === "passkey" ? await unlockByPasskey(relay) : { staff: id, seed: await seedOfCode(parseCode(by.code), relay) };
  if (staff !== id) {
    forget([seed]);
    throw new Problem("other_member");
  }
  await session.unlock(await openOwn(book, wire, id, seed));
  return session;
}

/** What the relay shows of itself has to follow what was seen here, before a code is asked for anything or signed with. */
async function look(book: TrustBook, wire: Wire): Promise<void> {
  await book.refresh(wire);
  await book.verifyLog(wire);
}

/** Open a member's keyring; the seed is overwritten if it does not, or if it opens somebody else's. */
async function openOwn(book: TrustBook, wire: Wire, staff: string, seed: Uint8Array): Promise<Unlocked> {
  try {
    const root = await openKeyring(await wire.getBytes(`/keyrings/${staff}`), seed, book.directory);
    if (root.staff === staff) return { root, seed };
    forget([root.root]);
    throw new Problem("keyring_malformed");
  } catch (fault) {
    forget([seed]);
    throw fault;
  }
}

function readSite(members: Members): Site {
  const { name, demo, fingerprint, pinned } = members;
  return {
    name: typeof name === "string" ? name : location.host,
    demo: demo === true,
    fingerprint: isDigest(fingerprint) ? fingerprint : undefined,
    local: pinned === true,
  };
}

/** The id of a member, from all of it or from its beginning; throws Problem "unknown_staff". */
function idOf(book: TrustBook, typed: string): string {
  const start = typed.trim().toLowerCase();
  const found = book.directory.members.filter((member) => start.length >= 4 && member.id.startsWith(start));
  if (found.length !== 1) throw new Problem("unknown_staff");
  return found[0]!.id;
}
