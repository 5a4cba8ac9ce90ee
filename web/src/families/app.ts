/** What every page works with: the words, what is in memory, the Worker, and the steps from one page to the next. */

import { Fault } from "./fault";
import { blankLetter, dropPictures, type Letter } from "./memory";
import type { Site } from "./site";
import { after, type Place, PRECIOUS, type Step } from "./states";
import { type Trouble, troubleOf, waitOf } from "./troubles";
import type { Accepted, Asks, Entry, Progress, Question, Vault } from "./vault";
import type { Language, Words } from "./words";

/** A trouble that somebody is in, and the ways out. */
export interface InTrouble {
  readonly name: Trouble;
  /** The code, for whoever they show it to. */
  readonly code: string;
  readonly waitSeconds: number | undefined;
  readonly again: Place;
  readonly back: Place;
}

/** Where a second attempt begins, and where one goes back to, after a trouble at some place. */
const WAYS_OUT: Partial<Readonly<Record<Place, { again: Place; back: Place }>>> = {
  language: { again: "language", back: "language" },
  sealing: { again: "sealing", back: "check" },
  sending: { again: "sending", back: "check" },
  waiting: { again: "sending", back: "home" },
  opening: { again: "opening", back: "code" },
  mailbox: { again: "opening", back: "code" },
  reading: { again: "reading", back: "mailbox" },
};

/** The page as a whole. */
export class App {
  place: Place = "language";
  site: Site | null = null;
  /** What the Worker has verified; null until then. */
  begun: Asks["begin"]["gives"] | null = null;
  letter: Letter = blankLetter("und");
  /** For somebody else, at a bureau's desk: a new code each time, and nothing stays between two people. */
  bureau = false;
  /** Which code the Worker holds: one that it made, one that was typed, or none. */
  code: "none" | "new" | "typed" = "none";
  /** A letter that waits on this device and is to be sent, by its item. */
  waiting: string | null = null;
  /** What the Worker has sealed and not sent yet: the letter as it stood then. */
  sealed: string | null = null;
  accepted: Accepted | null = null;
  entries: readonly Entry[] = [];
  reading: Entry | null = null;
  trouble: InTrouble | null = null;
  /** Whether the letter shall be kept on this device while it is written. */
  keepsDraft = false;
  /** Whether the letter lies on this device, sealed: nothing is lost then when the page is closed. */
  isQueued = false;
  private vault: Vault | null = null;

  constructor(
    public words: Words,
    private readonly makeVault: () => Vault,
    private readonly show: (app: App) => void,
  ) {}

  /** Say a sentence. */
  get say(): Words["say"] {
    return this.words.say;
  }

  /** The language of the page. */
  get language(): Language {
    return this.words.language;
  }

  /** Ask the Worker. */
  ask<Q extends Question>(question: Q, takes: Asks[Q]["takes"], progress?: Progress): Promise<Asks[Q]["gives"]> {
    if (this.vault?.isOver) this.dropVault();
    this.vault ??= this.makeVault();
    return this.vault.ask(question, takes, progress);
  }

  /** Fetch and verify trust and directory, once; and again whenever that failed. */
  async begin(): Promise<void> {
    // A relay for trying out gets new keys each time it is started: remembering the old ones would only alarm people.
    const remembers = this.site?.demo === false;
    this.begun ??= await this.ask("begin", { remembers }).catch((thrown: unknown) => {
      // Wherever somebody is by now, it is trust or directory that did not hold.
      throw troubleOf(thrown) === "directory_unsigned" ? new Fault("directory_unsigned") : thrown;
    });
  }

  /** Take a step; throws RangeError if there is no such step from here. */
  go(step: Step): void {
    this.to(after(this.place, step));
  }

  /** Show a place: for steps, and for whatever leads out of a trouble. */
  to(place: Place): void {
    if (place !== "trouble") this.trouble = null;
    this.place = place;
    this.show(this);
  }

  /** Show what went wrong, with the ways out of it. */
  fail(thrown: unknown): void {
    const name = troubleOf(thrown, this.place);
    const ways = WAYS_OUT[this.place] ?? { again: this.place, back: "home" as const };
    const isBroken = this.vault?.isOver === true;
    if (isBroken) this.dropVault();
    if (name === "no_recipient" || name.startsWith("directory")) this.begun = this.sealed = null;
    const said = (thrown ?? {}) as { code?: unknown; name?: string };
    // A DOMException has a number for a code, which tells nobody anything.
    const code = typeof said.code === "string" ? said.code : (said.name ?? "unknown");
    this.trouble = { name, code, waitSeconds: waitOf(thrown), ...ways };
    // What was sealed to a key that is not in force any more has to be sealed anew, and only what is written here can be.
    if (ways.again === "sending" && (isBroken || name === "no_recipient")) {
      if (!this.waiting) this.trouble = { ...this.trouble, again: "sealing" };
      else if (!isBroken) this.trouble = { ...this.trouble, name: "overdue", back: "home" };
    }
    this.to("trouble");
  }

  /** Give a broken Worker up. Its code and what it had sealed are gone: what stands here is sealed under another code. */
  private dropVault(): void {
    this.vault = this.begun = this.sealed = null;
    this.code = "none";
  }

  /** Say whether closing the page now would lose something. */
  get isPrecious(): boolean {
    const place = this.trouble?.back ?? this.place;
    if (!PRECIOUS.has(place) || (place === "waiting" && this.isQueued)) return false;
    return this.accepted !== null || this.letter.text !== "" || this.letter.pictures.length > 0;
  }

  /** Begin a new letter; the code stays unless it shall be forgotten. */
  blank(): void {
    dropPictures(this.letter);
    this.letter = blankLetter(this.language);
    this.accepted = this.waiting = this.sealed = null;
    this.keepsDraft = this.isQueued = false;
  }

  /** Forget everything that was typed, opened or derived: the Worker ends, and its keys with it. */
  forget(): void {
    this.vault?.close();
    this.vault = null;
    this.blank();
    this.begun = null;
    this.code = "none";
    this.entries = [];
    this.reading = null;
    this.trouble = null;
  }
}
