/** After a letter was passed: what cannot arrive, what this desk read before, and who may still decide what. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it, vi } from "vitest";
import { hex, randomBytes, utf8 } from "../src/core/bytes";
import { encodeEvent } from "../src/core/events";
import { encodeLine } from "../src/core/firstlines";
import { recipientOf } from "../src/core/hybrid";
import { openLetter, partDigest, sealDocument, sealLetter } from "../src/core/sealed";
import { askEarlier, strayingOf } from "../src/staff/review/astray";
import { encodeContact } from "../src/staff/review/contacts";
import { type Hurdle, hurdleOf, isJudgeable, nextReader, redirecting } from "../src/staff/review/decisions";
import { ReviewDesk } from "../src/staff/review/desk";
import { addCut, NO_DRAFT } from "../src/staff/review/drafts";
import { judged, LETTER_NOT_ITS, openItem } from "../src/staff/review/opening";
import { legToReview, sealOn } from "../src/staff/review/passing";
import { takenOut } from "../src/staff/review/redirect";
import { parsePage, registerOf } from "../src/staff/review/register";
import { type Row, readRow } from "../src/staff/rows";
import type { StaffSession } from "../src/staff/session";
import { DESK, NUMBER, OTHER, PLACE, RELAY, SECOND, STAFF } from "./ids";

const PERSON = "aa".repeat(16);
const ITEM = "35873e79d623a65d969e1afc3f62bd5c";
const MAILBOX = "6a".repeat(32);

const seeds = { desk: randomBytes(32), second: randomBytes(32), place: randomBytes(32), other: randomBytes(32) };
const reviewer = randomBytes(32);
const family = { sign: randomBytes(32), age: randomBytes(32) };
const familyVkey = hex(ed25519.getPublicKey(family.sign));
const DESKS = new Map(
  [
    { id: DESK, kind: "review", seed: seeds.desk },
    { id: SECOND, kind: "review", seed: seeds.second },
    { id: PLACE, kind: "facility", seed: seeds.place },
    { id: OTHER, kind: "facility", seed: seeds.other },
  ].map((desk) => [desk.id, { ...desk, keyless: false }]),
);

const register = (place: string | undefined, status = "confirmed") =>
  registerOf([{ version: 1, records: [{ number: NUMBER, status: status as "confirmed", place, person: {} }] }]);

function row(change: Partial<Row> = {}): Row {
  return {
    item: ITEM,
    kind: "letter",
    state: "passed",
    detainee: NUMBER,
    head: "ab".repeat(32),
    parts: [{ digest: "cd".repeat(32), bytes: 0 }],
    acceptedAt: "2026-11-28T09:00:00Z",
    desk: DESK,
    destination: PLACE,
    mailbox: MAILBOX,
    signer: familyVkey,
    route: [DESK],
    barred: [],
    ...change,
  } as Row;
}

/** As much of a session as the desk asks for; `answers` by path, `files` by digest. */
function session(answers: Record<string, unknown> = {}, files = new Map<string, Uint8Array>()) {
  const uploaded: Uint8Array[] = [];
  const fetched: string[][] = [];
  const made = {
    relay: RELAY,
    id: STAFF,
    member: { person: PERSON },
    signSeed: reviewer,
    directory: {
      version: 3,
      desk: (id: string) => DESKS.get(id),
      current: (id: string) => ({ to: `${id}/1`, recipient: recipientOf(DESKS.get(id)!.seed) }),
    },
    signers: { isSuspended: () => false, vkey: () => ed25519.getPublicKey(reviewer) },
    book: { hasSeen: () => false, checkDocument: vi.fn(), checkRegister: vi.fn() },
    deskSeeds: () => [seeds.desk],
    get: async (path: string) => answers[path] ?? {},
    post: async (path: string) => answers[path] ?? {},
    rows: async () => [],
    fetchParts: async (parts: Iterable<{ digest: string }>) => {
      const digests = [...parts].map(({ digest }) => digest);
      fetched.push(digests);
      return new Map(digests.map((digest) => [digest, files.get(digest)!]));
    },
    uploadParts: async (parts: readonly Uint8Array[]) => void uploaded.push(...parts),
    prepare: (kind: string, subjects: unknown, fields: unknown) => ({ kind, subjects, fields }),
    sealDocument: async () => utf8("a sealed contact"),
  };
  return { session: made as unknown as StaffSession, uploaded, fetched, book: made.book };
}

const LINE = {
  relay: RELAY,
  item: ITEM,
  kind: "letter" as const,
  hop: "family>review" as const,
  detainee: NUMBER,
  to: [`${DESK}/1`],
  dir: 3,
};

async function aLetter(text = "Ми за мостом."): Promise<Uint8Array> {
  const manifest = { by: { family: familyVkey }, lang: "uk", text, reply_to: recipientOf(family.age) };
  return sealLetter({ line: LINE, manifest, signSeed: family.sign, recipients: [recipientOf(seeds.desk)] });
}

/** What the relay answers about an item's parts: those that were passed stand beside the family's own. */
function partsOf(digest: string, reasons: unknown = ["MIL"]) {
  const passed = { ...LINE, hop: "review>facility" as const, to: [`${PLACE}/1`] };
  const parts = [
    { digest, line: new TextDecoder().decode(encodeLine(LINE)) },
    { digest: "cd".repeat(32), line: new TextDecoder().decode(encodeLine(passed)) },
  ];
  return { [`/review/items/${ITEM}/parts`]: { parts, reasons } };
}

describe("what was passed", () => {
  it.each([
    [row(), register(PLACE), undefined],
    [row(), register(OTHER), "moved"],
    [row(), register(PLACE, "released"), "nowhere"],
    [row(), registerOf([]), "nowhere"],
    [row(), undefined, undefined],
    [row({ state: "missing" }), register(PLACE), "missing"],
    [row({ state: "undeliverable" }), undefined, "undeliverable"],
    // A reply goes to a bureau: that its writer was moved since keeps it from nobody.
    [row({ kind: "reply" }), register(OTHER), undefined],
  ])("cannot arrive where the register or the place says so: %#", (one, known, why) => {
    expect(strayingOf(one, known)).toBe(why);
  });

  it("is read again as it came to this desk, not as it was passed", async () => {
    const file = await aLetter();
    const { session: asked } = session(partsOf(partDigest(file)));
    expect(await askEarlier(asked, DESK, ITEM)).toEqual({ digest: partDigest(file), passedUnder: ["MIL"] });
    await expect(askEarlier(asked, SECOND, ITEM)).rejects.toMatchObject({ code: "no_earlier_letter" });
    const silent = session(partsOf(partDigest(file), null)).session;
    await expect(askEarlier(silent, DESK, ITEM)).rejects.toMatchObject({ code: "answer_malformed" });
  });

  it("stands on the desk with what was taken out, and is sealed to the new place with what is taken out now", async () => {
    const file = await aLetter();
    const files = new Map([[partDigest(file), file]]);
    const { session: asked, uploaded } = session(partsOf(partDigest(file), ["MIL", "TRANSFERRED"]), files);
    const desk = new ReviewDesk(asked, DESK);
    desk.register = register(OTHER);
    desk.passed = [{ row: row(), standing: "closed", draft: NO_DRAFT }];
    await desk.openPassed(desk.astray[0]!);
    expect(desk.find(ITEM)).toMatchObject({ standing: "open", passedUnder: ["MIL", "TRANSFERRED"] });
    expect(takenOut(desk.find(ITEM)!)).toEqual(["MIL"]);

    desk.draft(ITEM, (draft) => addCut(draft, { start: 6, end: 12, reason: "MIL" }));
    const { signed } = await redirecting(desk, ITEM, OTHER, ["TRANSFERRED"]).prepare(desk.find(ITEM)!);
    const sealed = await openLetter(uploaded[0]!, seeds.other);
    expect(sealed.manifest.text).toBe("Ми за ██████.");
    expect(signed).toMatchObject({
      kind: "redirect",
      subjects: [{ item: ITEM, prev: "ab".repeat(32), parts: [partDigest(uploaded[0]!)] }],
      fields: { place: OTHER, to: [`${OTHER}/1`], reasons: ["TRANSFERRED", "MIL"] },
    });
  });

  it("and is kept no more can only be returned", async () => {
    const { session: asked } = session({ [`/review/items/${ITEM}/parts`]: { parts: [], reasons: [] } });
    const desk = new ReviewDesk(asked, DESK);
    desk.passed = [{ row: row(), standing: "closed", draft: NO_DRAFT }];
    await desk.openPassed(desk.passed[0]!);
    expect(desk.find(ITEM)).toMatchObject({ standing: "unreadable", unreadable: "no_earlier_letter" });
  });
});

describe("a route with two review desks", () => {
  it("names the next reader, and only at a desk that is not the last", () => {
    expect(nextReader(row({ route: [DESK, SECOND] }))).toBe(SECOND);
    expect(nextReader(row({ route: [DESK, SECOND], desk: SECOND }))).toBeUndefined();
    expect(nextReader(row({ route: [] }))).toBeUndefined();
  });

  it("lets the first send a letter on whose place only the last has to know, with the way to its family", async () => {
    const file = await aLetter();
    const { session: asked } = session();
    const claimed = row({ state: "claimed", route: [DESK, SECOND], parts: [{ digest: partDigest(file), bytes: 0 }] });
    const item = await openItem(asked, DESK, claimed, new Map([[partDigest(file), file]]));
    expect(hurdleOf(new ReviewDesk(asked, DESK), item)).toBeUndefined();
    const leg = legToReview(asked, SECOND);
    const sealed = await sealOn(asked, DESK, item, leg, NO_DRAFT, judged(asked, item), undefined);
    const read = await openLetter(sealed.files[0]!, seeds.second);
    expect([read.line.hop, read.manifest.reply_to]).toEqual(["review>review", recipientOf(family.age)]);
    expect(sealed.fields.place).toBeUndefined();
  });

  it("leads to no desk that is none", () => {
    const wrong = () => legToReview(session().session, PLACE);
    expect(wrong).toThrow(expect.objectContaining({ code: "unknown_desk" }));
  });
});

describe("a reply", () => {
  const reply = (change: object) => ({
    row: row({ kind: "reply", state: "claimed", desk: DESK }),
    pictures: [],
    contact: { mailbox: MAILBOX, replyTo: "age1pq1x", version: 1 },
    letter: {
      line: { ...LINE, kind: "reply", hop: "facility>review" },
      manifest: { by: { staff: STAFF } },
      signature: "authentic",
    },
    ...change,
  });

  it.each([
    [{}, undefined],
    // As after a recall: who brought it is proved, and the new mailbox did not write what it answers.
    [{ contactRefused: LETTER_NOT_ITS }, "not_their_letter"],
    [{ contactRefused: "document_rolled_back" }, "unproven"],
    [{ contactRefused: LETTER_NOT_ITS, letter: { ...reply({}).letter, signature: "unsigned" } }, "unproven"],
    [{ contact: undefined }, "no_address"],
  ])("that answers another mailbox's letter passes knowingly, and is called that: %#", (change, hurdle) => {
    const desk = new ReviewDesk(session().session, DESK);
    expect(hurdleOf(desk, reply(change) as never)).toBe(hurdle);
    expect(hurdle !== undefined && isJudgeable(hurdle as Hurdle)).toBe(hurdle?.includes("_address") === false);
  });
});

describe("a proposal to withhold", () => {
  it.each([
    [{ proposer: PERSON }, false],
    [{ proposer: OTHER, barred: [PERSON] }, false],
    [{ proposer: OTHER, barred: [] }, true],
  ])("is settled by another person, who was not overturned on it: %o", (change, may) => {
    const desk = new ReviewDesk(session().session, DESK);
    expect(desk.maySettle(row({ state: "contested", ...change }))).toBe(may);
  });

  it("names persons by their ids, or is no row", () => {
    const part = "cd".repeat(32);
    const event = { item: ITEM, seq: 2, prev: part, event: "contested", from: "mediator", to: "mediator" };
    const told = {
      item: ITEM,
      kind: "letter",
      state: "contested",
      event: encodeEvent({ ...event, day: "2026-11-28", parts: [part], detail: part }),
      detainee: NUMBER,
      parts: [{ digest: part, bytes: 1 }],
      accepted_at: "2026-11-28T09:00:00Z",
      desk: DESK,
    };
    expect(readRow({ ...told, proposer: PERSON, barred: [OTHER], route: [DESK] })).toMatchObject({
      proposer: PERSON,
      barred: [OTHER],
      route: [DESK],
    });
    expect(readRow(told)).toMatchObject({ barred: [], route: [] });
    for (const wrong of [{ barred: "nobody" }, { barred: ["Ann"] }, { proposer: "Ann" }, { route: [1] }])
      expect(() => readRow({ ...told, ...wrong })).toThrow(expect.objectContaining({ code: "answer_malformed" }));
  });
});

describe("a contact", () => {
  const contact = (version: number) => ({
    mailbox: MAILBOX,
    detainee: NUMBER,
    vkey: familyVkey,
    version,
    letters: [ITEM],
  });
  const sealed = async (version: number, by = reviewer) =>
    sealDocument({
      line: { relay: RELAY, kind: "contact", id: MAILBOX, to: [`${DESK}/1`], dir: 3, version },
      content: utf8(encodeContact(contact(version))),
      author: { staff: STAFF },
      signSeed: by,
      recipients: [recipientOf(seeds.desk)],
    });

  it("that was renewed on the page is not taken for one that the relay rolled back", async () => {
    const [file, older] = [await aLetter(), await sealed(1)];
    const { session: asked, book } = session();
    book.checkDocument.mockImplementation((_: string, version: number) => {
      if (version < 2) throw Object.assign(new Error(), { code: "document_rolled_back" });
    });
    const one = row({ parts: [{ digest: partDigest(file), bytes: 0 }], contact: partDigest(older) });
    const files = new Map([
      [partDigest(file), file],
      [partDigest(older), older],
    ]);
    const item = await openItem(asked, DESK, one, files, contact(2));
    expect(item).toMatchObject({ contact: { version: 2 } });
    expect(item.contactRefused).toBeUndefined();
  });

  it("that nobody of the desk signed is left out where families are looked for", async () => {
    const [good, forged] = [await sealed(1), await sealed(1, randomBytes(32))];
    const files = new Map([good, forged].map((file) => [partDigest(file), file]));
    const contacts = [...files.keys()].map((digest) => ({ mailbox: MAILBOX, contact: digest }));
    const { session: asked, book } = session({ "/review/contacts": { contacts } }, files);
    expect(await new ReviewDesk(asked, DESK).contactsOf(NUMBER)).toEqual([contact(1)]);
    expect(book.checkDocument).toHaveBeenCalledExactlyOnceWith(MAILBOX, 1);
  });
});

it("fetches only the pages of the register that are new, and lets the newest speak", async () => {
  const page = async (version: number, status: string, desk = DESK) => {
    const text = `{"v":1,"records":[{"number":"${NUMBER}","status":"${status}","place":"${PLACE}"}]}`;
    expect(parsePage(text)).toHaveLength(1);
    return sealDocument({
      line: { relay: RELAY, kind: "register", id: OTHER, to: [`${desk}/1`], dir: 3, version },
      content: utf8(text),
      author: { staff: STAFF },
      signSeed: reviewer,
      recipients: [recipientOf(seeds.desk)],
    });
  };
  const [first, second] = [await page(1, "confirmed"), await page(2, "released")];
  const others = await page(3, "closed", SECOND);
  const answers = { "/review/register": { pages: [partDigest(first)] } };
  const files = new Map([first, second, others].map((file) => [partDigest(file), file]));
  const { session: asked, fetched, book } = session(answers, files);
  const desk = new ReviewDesk(asked, DESK);
  await desk.readRegister();
  const before = desk.register;
  await desk.readRegister();
  expect(desk.register).toBe(before);
  answers["/review/register"] = { pages: [partDigest(first), partDigest(others), partDigest(second)] };
  await desk.readRegister();
  expect(desk.register!.find(NUMBER).status).toBe("released");
  expect(fetched).toEqual([[partDigest(first)], [], [partDigest(others), partDigest(second)]]);
  expect(book.checkRegister).toHaveBeenLastCalledWith(DESK, [partDigest(first), partDigest(second)]);
});
