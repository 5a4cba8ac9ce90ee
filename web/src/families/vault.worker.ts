/** The Worker: takes questions, and answers them with what it alone can do. Nothing here is logged. */

import { unb64 } from "../core/bytes";
import { readDirectoryNote } from "../core/directory";
import { Problem } from "../core/problems";
import type { Asked, Asks, Progress, Question, Told } from "./vault";
import { Holder } from "./vault/holder";
import { dropFromOutbox, listOutbox, putIntoOutbox, Sending, seal, takeFromOutbox } from "./vault/letters";
import { Mailbox } from "./vault/mailbox";

type Handlers = { [Q in Question]: (takes: Asks[Q]["takes"], progress: Progress) => Promise<Asks[Q]["gives"]> };

const holder = new Holder();
const mailbox = new Mailbox(holder);
let sending: Sending | null = null;

const handlers: Handlers = {
  async begin({ remembers }) {
    const { fingerprint, seen } = await holder.begin(remembers);
    return { fingerprint, expires: readDirectoryNote(unb64(seen.directory)).expires };
  },
  async newCode() {
    holder.makeCode();
    return null;
  },
  async useCode({ code }) {
    holder.useCode(code);
    return null;
  },
  async work() {
    await holder.work();
    return null;
  },
  async seal(sheet, progress) {
    const draft = await seal(holder, sheet, progress);
    // One that waits on this device and is sealed anew would be sent twice.
    if (sending) await dropFromOutbox(sending.draft.item);
    sending = new Sending(draft);
    return { parts: draft.parts.length, bytes: draft.parts.reduce((bytes, part) => bytes + part.length, 0) };
  },
  async send({ item }, progress) {
    if (item !== null && sending?.draft.item !== item) {
      const { draft, code } = await takeFromOutbox(item);
      holder.useCode(code);
      sending = new Sending(draft);
    }
    if (!sending) throw new Problem("draft_damaged");
    const accepted = await sending.send(holder, progress);
    holder.spend();
    sending = null;
    return accepted;
  },
  async keep() {
    if (sending) await putIntoOutbox(sending.draft, holder.code);
    return null;
  },
  waiting: () => listOutbox(),
  async drop({ item }) {
    await dropFromOutbox(item);
    return null;
  },
  mailbox: () => mailbox.load(),
  read: ({ item }) => mailbox.read(item),
  note: ({ item }) => mailbox.note(item),
  receipt: ({ item }) => mailbox.receipt(item),
  async collect({ item }) {
    await mailbox.sign("collected", item);
    return null;
  },
  async withdraw({ item }) {
    await mailbox.sign("withdraw", item);
    return null;
  },
};

addEventListener("message", (message: MessageEvent<Asked>) => void answer(message.data));

async function answer({ id, question, takes }: Asked): Promise<void> {
  const tell = (told: Told): void => postMessage(told);
  const handle = handlers[question] as (takes: unknown, progress: Progress) => Promise<unknown>;
  try {
    tell({ id, gives: await handle(takes, (done, of) => tell({ id, done, of })) });
  } catch (thrown) {
    tell({ id, problem: problemOf(thrown) });
  }
}

function problemOf(thrown: unknown): Extract<Told, { problem: unknown }>["problem"] {
  if (thrown instanceof Problem) {
    const { code, status, retryAfter } = thrown;
    return { code, status, retryAfter };
  }
  const name = thrown instanceof Error ? thrown.name : "unknown";
  return { code: name === "QuotaExceededError" ? "storage_full" : "internal_page" };
}
