/**
 * Replies on their way: sealed, and sent as often as it takes; the relay takes the same one once. What was written is
 * kept, in memory, until the relay has it: a refused one goes back into the form.
 */

import { Observable } from "../frame/context";
import type { StaffSession } from "../session";
import { Deed, mayPass } from "./deeds";
import { type ReplyDraft, sealReply } from "./replies";

/** Where a reply stands: on its way; waiting for the relay; brought in; refused. */
export type Going = "sending" | "unsent" | "in" | "refused";

/** One reply, sealed. */
export interface Outgoing {
  readonly item: string;
  readonly about: string;
  readonly going: Going;
  readonly fault?: unknown;
}

interface Entry extends Outgoing {
  readonly deed: Deed;
  readonly draft?: ReplyDraft | undefined;
}

/** The replies that were brought in from this page. */
export class ReplyOutbox extends Observable {
  entries: readonly Entry[] = [];

  constructor(readonly session: StaffSession) {
    super();
  }

  /** Whether something would be lost if the page closed now. */
  get waits(): boolean {
    return this.entries.some(({ going }) => going !== "in");
  }

  /** Seal a reply and send it; throws Problem if it cannot be sealed, and then nothing has been done. */
  async put(desk: string, draft: ReplyDraft, scan: () => Promise<string | undefined>): Promise<void> {
    const sealed = await sealReply(this.session, desk, draft);
    const deed = new Deed(this.session, [
      async () => {
        await this.session.uploadParts(sealed.parts);
        return this.session.prepare("reply-accept", [sealed.subject], { paper: await scan() });
      },
    ]);
    this.entries = [{ item: sealed.item, about: draft.about, going: "sending", deed, draft }, ...this.entries];
    this.changed();
    void this.#send(sealed.item);
  }

  /** Send again what has not arrived. */
  async retry(): Promise<void> {
    for (const { item, going } of this.entries) if (going === "unsent") await this.#send(item);
  }

  async #send(item: string): Promise<void> {
    const entry = this.entries.find((one) => one.item === item)!;
    this.#update(item, { going: "sending", fault: undefined });
    try {
      await entry.deed.run();
      this.#update(item, { going: "in", draft: undefined });
    } catch (fault) {
      this.#update(item, { going: mayPass(fault, this.session) ? "unsent" : "refused", fault });
    }
  }

  /** Take a refused reply back, to be written anew; nothing if there is none. */
  takeBack(item: string): ReplyDraft | undefined {
    const entry = this.entries.find((one) => one.item === item && one.going === "refused");
    this.entries = this.entries.filter((one) => one !== entry);
    this.changed();
    return entry?.draft;
  }

  #update(item: string, change: Partial<Entry>): void {
    this.entries = this.entries.map((entry) => (entry.item === item ? { ...entry, ...change } : entry));
    this.changed();
  }
}
