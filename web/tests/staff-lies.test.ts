/**
 * A relay that lies to a member of staff whose browser has seen it as it was: each lie is refused before anything is signed,
 * under the code that tests/http/test_substitutions.py and tests/unit/client/test_trustbook.py have for it.
 */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { b64, fromUtf8, hex, randomBytes, sha256hex, utf8 } from "../src/core/bytes";
import { encodeCheckpoint, readCheckpoint } from "../src/core/checkpoint";
import { newCode, staffKeys } from "../src/core/codes";
import { recipientOf } from "../src/core/hybrid";
import { newDeskKey, newStaffRoot, sealDeskKey, sealKeyring, staffReader } from "../src/core/keyrings";
import { parseNote, signNote } from "../src/core/notes";
import { TrustBook } from "../src/staff/book";
import { Gate, reopen } from "../src/staff/gate";
import { ReviewDesk } from "../src/staff/review/desk";
import type { StaffSession } from "../src/staff/session";
import { Wire } from "../src/staff/wire";
import { ORIGIN, PlayedRelay, storage } from "./playedrelay";
import { laterProblemOf } from "./vectors";

const DAY_MS = 24 * 60 * 60 * 1_000;
const NUMBER = "123456789092";
const CODE = newCode();

let relay: PlayedRelay;
let kept: ReturnType<typeof storage>;
let gate: Gate;

vi.mock("../src/staff/vault", () => ({ seedOfCode: async () => relay.ann.seed.slice() }));

/** Ann comes to the page, and signs in with her code. */
async function comes(): Promise<StaffSession> {
  gate = new Gate({ name: "relay.example", demo: true, local: false, fingerprint: relay.fingerprint });
  return gate.enterByCode(relay.ann.root.staff, CODE);
}

async function readsRegister(): Promise<void> {
  await new ReviewDesk(await comes(), relay.desk).readRegister();
}

function logKeyOf({ trust }: PlayedRelay): string {
  return JSON.parse(fromUtf8(trust).split("\n")[1]!).log[0];
}

/** Whether the relay was sent a signature. */
function isSigned(): boolean {
  return relay.asked.some((request) => request.startsWith("POST /sign-in"));
}

beforeEach(async () => {
  vi.useRealTimers();
  relay = new PlayedRelay();
  kept = storage();
  vi.stubGlobal("fetch", (path: string, sent: RequestInit) => relay.fetch(path, sent));
  vi.stubGlobal("localStorage", kept);
  relay.works(3);
  await comes();
  relay.asked.length = 0;
});

/** What the relay puts before her the next time, and the code by which she refuses it. */
const LIES: Record<string, [code: string, lie: () => void | Promise<void>]> = {
  "another root": ["fingerprint_differs", () => void relay.lies.set("/trust", () => new PlayedRelay().trust)],
  "a log key of its own": [
    "signature_invalid",
    () => {
      const text = fromUtf8(relay.trust).replace(logKeyOf(relay), logKeyOf(new PlayedRelay()));
      relay.lies.set("/trust", () => utf8(text));
    },
  ],
  "an older trust": [
    "trust_rolled_back",
    async () => {
      const older = relay.trust;
      relay.trust = relay.signTrust({ version: 2 });
      await comes();
      relay.lies.set("/trust", () => older);
    },
  ],
  "a checkpoint that the log did not sign": [
    "note_unsigned",
    () => {
      const text = parseNote(relay.checkpoint()).text;
      relay.lies.set("/log/1/checkpoint", () => signNote(text, [{ name: ORIGIN, seed: randomBytes(32) }]));
    },
  ],
  "the checkpoint of another log": [
    "origin_differs",
    () => {
      const { size, root } = readCheckpoint(parseNote(relay.checkpoint()).text);
      const other = encodeCheckpoint({ origin: "relay.example/log/2", size, root });
      relay.lies.set("/log/1/checkpoint", () => signNote(other, [relay.logKey]));
    },
  ],
  "a root that no entries come to": [
    "inclusion_invalid",
    () => {
      const { size } = readCheckpoint(parseNote(relay.checkpoint()).text);
      const own = encodeCheckpoint({ origin: ORIGIN, size, root: new Uint8Array(32) });
      relay.lies.set("/log/1/checkpoint", () => signNote(own, [relay.logKey]));
    },
  ],
  "a log that was written anew": [
    "consistency_invalid",
    () => {
      relay.entries = relay.entries.slice(0, 2);
      relay.works(9);
    },
  ],
  "a log of the same size with another past": [
    "consistency_invalid",
    () => {
      relay.entries.pop();
      relay.works(1);
    },
  ],
  "a log that was cut": ["log_shrunk", () => void relay.entries.splice(-2)],
  "a log that was cut and written on, still shorter": [
    "log_shrunk",
    () => {
      relay.entries.splice(-2);
      relay.works(1);
    },
  ],
  "a log that begins with something else": ["trust_not_logged", () => void relay.entries.shift()],
  "an empty log": ["trust_not_logged", () => void relay.entries.splice(0)],
  "a log that begins with another trust": [
    "fingerprint_differs",
    () => {
      const [first] = new PlayedRelay().entries;
      relay.entries[0] = first!;
    },
  ],
  "a recipient in the directory": [
    "directory_altered",
    () => {
      const own = recipientOf(newDeskKey(relay.id, relay.desk, 1).seed);
      const document = relay.document.replace(recipientOf(relay.deskKey.seed), own);
      relay.lies.set("/directory", (honest) => ({ ...honest, document }));
    },
  ],
  "a directory of one operator": [
    "directory_unsigned",
    () => {
      relay.publish();
      const alone = signNote(parseNote(relay.directory).text, relay.operators.slice(0, 1));
      relay.lies.set("/directory", (honest) => ({ ...honest, note: fromUtf8(alone) }));
    },
  ],
  "a directory rolled back": [
    "directory_rolled_back",
    async () => {
      const older = { note: fromUtf8(relay.directory), document: relay.document };
      relay.publish();
      await comes();
      relay.lies.set("/directory", () => older);
    },
  ],
  "another directory of the same version": [
    "directory_forked",
    () => {
      const other = relay.signDirectory(1, null, { sides: ["east", "west"] });
      relay.lies.set("/directory", () => ({ note: fromUtf8(other.note), document: other.document }));
    },
  ],
  "a gap in the directories": [
    "directory_gap",
    () => {
      relay.publish({ logged: false });
      relay.publish();
    },
  ],
  "a newest directory on top of another past": [
    "directory_forked",
    () => {
      const first = relay.signDirectory(1, null, { sides: ["east", "west"] });
      relay.log({ kind: "directory", note: first.note.slice() });
      relay.directory = first.note;
      relay.publish();
      relay.publish();
    },
  ],
  "an expired directory": [
    "directory_expired",
    () => void vi.useFakeTimers({ now: Date.now() + 91 * DAY_MS, toFake: ["Date"] }),
  ],
  "a colleague's keyring": [
    "wrong_key",
    async () => {
      const bens = await sealKeyring(relay.ben.root, [recipientOf(relay.ben.seed)]);
      relay.lies.set(`/keyrings/${relay.ann.root.staff}`, () => bens);
    },
  ],
  "a keyring of its own": [
    "key_not_in_directory",
    async () => {
      const own = newStaffRoot(relay.id, relay.ann.root.staff);
      const sealed = await sealKeyring(own, [recipientOf(relay.ann.seed)]);
      relay.lies.set(`/keyrings/${relay.ann.root.staff}`, () => sealed);
    },
  ],
  "a colleague's secret, sealed to her code": [
    "keyring_malformed",
    async () => {
      const bens = await sealKeyring(relay.ben.root, [recipientOf(relay.ann.seed)]);
      relay.lies.set(`/keyrings/${relay.ann.root.staff}`, () => bens);
    },
  ],
};

describe("a relay that shows", () => {
  it.each(Object.entries(LIES))("%s is refused before anything is signed", async (_, [code, lie]) => {
    const honest = { trust: relay.trust, directory: relay.directory, document: relay.document };
    const entries = [...relay.entries];
    await lie();
    relay.asked.length = 0;
    expect(await laterProblemOf(comes)).toBe(code);
    expect(isSigned()).toBe(false);
    // What was refused is not remembered: the honest relay is believed as before.
    if (!code.endsWith("_rolled_back")) Object.assign(relay, honest, { entries });
    relay.lies.clear();
    vi.useRealTimers();
    await comes();
    expect(isSigned()).toBe(true);
  });

  it("desk keys of its own, or sealed to a colleague, opens nothing", async () => {
    const { id, desk, ann, ben } = relay;
    const gives = (sealed: Uint8Array) =>
      relay.lies.set("/staff/desk-keys", () => ({ keys: [{ desk, epoch: 1, sealed: b64(sealed) }] }));
    const directory = gate.book!.directory;
    const own = newDeskKey(id, desk, 1);
    const toAnn = new Map([[staffReader(ann.root.staff), staffKeys(ann.root.root).recipient]]);
    gives(await sealDeskKey({ key: own, readers: toAnn, by: ben.root, directory }));
    expect(await laterProblemOf(comes)).toBe("key_not_in_directory");
    const toBen = new Map([[staffReader(ben.root.staff), staffKeys(ben.root.root).recipient]]);
    gives(await sealDeskKey({ key: relay.deskKey, readers: toBen, by: ben.root, directory }));
    expect(await laterProblemOf(comes)).toBe("wrong_key");
  });
});

describe("versions of the directory that were missed", () => {
  it("are followed through the log, note by note", async () => {
    for (let n = 0; n < 3; n++) relay.publish();
    relay.works(300);
    relay.publish();
    expect((await comes()).directory.version).toBe(5);
    expect(relay.asked.filter((request) => request.includes("/log/1/tile/entries/"))).not.toEqual([]);
  });

  it("need no log where only one came", async () => {
    relay.publish();
    const book = new TrustBook(relay.fingerprint);
    await book.refresh(new Wire("", relay.fetch));
    expect(book.directory.version).toBe(2);
    expect(relay.asked.filter((request) => request.includes("/log/"))).toEqual([]);
  });
});

describe("the log", () => {
  it("may grow, over tiles, and be shown by a cache that lags", async () => {
    const older = relay.checkpoint();
    relay.works(700);
    await comes();
    relay.lies.set("/log/1/checkpoint", () => older);
    await comes();
    relay.lies.clear();
    // The larger one is still remembered: what it had is missed.
    relay.entries.splice(-1);
    expect(await laterProblemOf(comes)).toBe("log_shrunk");
  });

  it("leaves both signed checkpoints for auditors where they contradict each other, and nothing that is not signed", async () => {
    const seen = relay.checkpoint();
    relay.entries = relay.entries.slice(0, 2);
    relay.works(9);
    expect(await laterProblemOf(comes)).toBe("consistency_invalid");
    const dispute = gate.book!.dispute!;
    expect(parseNote(dispute.seen!).text).toBe(parseNote(seen).text);
    expect(parseNote(dispute.shown).text).toBe(parseNote(relay.checkpoint()).text);
    const unsigned = signNote(parseNote(seen).text, [{ name: ORIGIN, seed: randomBytes(32) }]);
    relay.lies.set("/log/1/checkpoint", () => unsigned);
    expect(await laterProblemOf(comes)).toBe("note_unsigned");
    expect(gate.book!.dispute).toBeUndefined();
  });

  it("of a relay that is busy is not called shorter", async () => {
    relay.works(1);
    await comes();
    relay.entries.splice(-1);
    const headers = { "Content-Type": "application/problem+json" };
    const busy = () => new Response('{"code":"stopping"}', { status: 500, headers });
    relay.lies.set(`/log/1/tile/0/000.p/${relay.entries.length + 1}`, busy);
    expect(await laterProblemOf(comes)).toBe("stopping");
    expect(gate.book!.dispute).toBeUndefined();
  });

  it("that is another's does not open the lock either", async () => {
    const session = await comes();
    session.lock();
    relay.asked.length = 0;
    relay.entries.splice(-2);
    expect(await laterProblemOf(() => reopen(session, { code: CODE }))).toBe("log_shrunk");
    expect([isSigned(), session.locked]).toEqual([false, true]);
    expect(session.book.dispute).toBeDefined();
  });

  it("begins anew where the root has declared a loss", async () => {
    relay.entries.splice(-2);
    const { size, root } = readCheckpoint(parseNote(relay.checkpoint()).text);
    expect(await laterProblemOf(comes)).toBe("log_shrunk");
    relay.trust = relay.signTrust({
      version: 2,
      previous: { origin: ORIGIN, size, root: hex(root) },
    });
    await comes();
  });
});

describe("the register", () => {
  beforeEach(async () => {
    for (const version of [1, 2, 3]) await relay.registers(NUMBER, version);
    await readsRegister();
  });

  it.each([
    ["leaves out the last", (pages: string[]) => pages.slice(0, 2)],
    ["leaves out one in the middle and adds another", (pages: string[]) => [pages[0]!, pages[2]!, pages[3]!]],
    ["changes their order", (pages: string[]) => [pages[1]!, pages[0]!, pages[2]!, pages[3]!]],
    ["leaves out all", () => []],
  ])("of a relay that %s is refused, by whoever signs in here", async (_, change) => {
    await relay.registers(NUMBER, 4);
    relay.lies.set("/review/register", () => ({ pages: change(relay.pages) }));
    expect(await laterProblemOf(readsRegister)).toBe("register_cut");
    relay.lies.clear();
    await readsRegister();
  });

  it("may get more pages, and pages for another desk between them", async () => {
    await relay.registers(NUMBER, 4, { to: relay.otherKey });
    await relay.registers(NUMBER, 5);
    await readsRegister();
    relay.lies.set("/review/register", () => ({ pages: relay.pages.filter((_, at) => at !== 3) }));
    await readsRegister();
  });

  it("believes only registrars", async () => {
    await relay.registers(NUMBER, 2 ** 40, { by: relay.ben });
    expect(await laterProblemOf(readsRegister)).toBe("document_not_authentic");
  });

  it("is made of the files that were asked for", async () => {
    relay.lies.set("/staff/parts/fetch", (honest) => {
      const file = (honest as Uint8Array).slice(0, (honest as Uint8Array).length / 3);
      return new Uint8Array([...file, ...file, ...file]);
    });
    expect(await laterProblemOf(readsRegister)).toBe("parts_not_asked_for");
  });
});

describe("the records of mailboxes", () => {
  const [ONE, OTHER] = ["c0".repeat(32), "d0".repeat(32)] as const;
  const listed = async () => {
    const contacts = await new ReviewDesk(await comes(), relay.desk).contactsOf(NUMBER);
    return contacts.map(({ mailbox, version }) => [mailbox, version]);
  };

  it("do not go back to an older one", async () => {
    await relay.records(ONE, NUMBER, 1);
    await relay.records(ONE, NUMBER, 2);
    const [older, newer] = relay.contacts;
    relay.contacts = [newer!];
    expect(await listed()).toEqual([[ONE, 2]]);
    relay.contacts = [older!];
    expect(await laterProblemOf(listed)).toBe("document_rolled_back");
  });

  it("are left out where no reviewer has signed them, or they are another mailbox's", async () => {
    await relay.records(ONE, NUMBER, 1);
    await relay.records(OTHER, NUMBER, 1, relay.reg);
    relay.contacts.push({ mailbox: OTHER, contact: relay.contacts[0]!.contact });
    expect(await listed()).toEqual([[ONE, 1]]);
  });
});

describe("what a browser remembers", () => {
  const key = () => `letter-relay/staff/seen/${relay.fingerprint}`;
  const change = (edit: (plain: Record<string, Record<string, unknown>>) => unknown) => {
    const plain = JSON.parse(kept.kept.get(key())!);
    edit(plain);
    kept.kept.set(key(), JSON.stringify(plain));
  };

  it("is digests and signed notes, and nothing of a person", async () => {
    await relay.registers(NUMBER, 1);
    await readsRegister();
    const text = kept.kept.get(key())!;
    expect(text).not.toContain(NUMBER);
    expect(JSON.parse(text).register[relay.desk]).toEqual([1, sha256hex(utf8(relay.pages[0]!))]);
  });

  type Kept = Record<string, Record<string, unknown>>;
  it.each<[string, (plain: Kept) => unknown]>([
    ["of another version", (plain) => Object.assign(plain, { v: 3 })],
    ["without its documents", (plain) => delete plain.documents],
    ["with a register that is none", (plain) => Object.assign(plain.register!, { [relay.desk]: [1] })],
    ["with a negative count", (plain) => Object.assign(plain.register!, { [relay.desk]: [-1, "ab".repeat(32)] })],
    ["of another relay", (plain) => Object.assign(plain.seen!, { fingerprint: "ab".repeat(32) })],
    ["without its trust", (plain) => delete plain.seen!.trust],
    ["with a suspension that is none", (plain) => Object.assign(plain.seen!, { suspended: { x: 1 } })],
  ])("is not begun anew silently where it is damaged: %s", async (_, edit) => {
    change(edit);
    expect(await laterProblemOf(comes)).toBe("memory_malformed");
    kept.kept.set(key(), "{");
    expect(await laterProblemOf(comes)).toBe("memory_malformed");
    expect(isSigned()).toBe(false);
  });

  it("is what another tab has seen meanwhile, too", async () => {
    const [one, other] = [new TrustBook(relay.fingerprint), new TrustBook(relay.fingerprint)];
    one.checkDocument("c0".repeat(32), 3);
    other.checkDocument("d0".repeat(32), 1);
    expect(await laterProblemOf(async () => other.checkDocument("c0".repeat(32), 2))).toBe("document_rolled_back");
    expect(new TrustBook(relay.fingerprint).hasSeen("d0".repeat(32))).toBe(true);
  });
});
