/** A letter through a reviewer's hands: opened, judged, sealed on to the place, and its family remembered. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it } from "vitest";
import { hex, randomBytes } from "../src/core/bytes";
import { recipientOf } from "../src/core/hybrid";
import { openKeyring, sealKeyring } from "../src/core/keyrings";
import { type LetterToSeal, openLetter, partDigest, sealEnclosure, sealLetter } from "../src/core/sealed";
import { addReader } from "../src/staff/keyring";
import { encodeContact, parseContact, renewContact } from "../src/staff/review/contacts";
import { addCut, NO_DRAFT, togglePicture } from "../src/staff/review/drafts";
import { judged, openItem } from "../src/staff/review/opening";
import { type Leg, legToFamily, sealOn } from "../src/staff/review/passing";
import { parsePage, registerOf } from "../src/staff/review/register";
import type { Row } from "../src/staff/rows";
import type { StaffSession } from "../src/staff/session";

const RELAY = "4b8d6f40f82e296c70261e762d69ce1e";
const DESK = "c8beec0616f17cf0676807c4d3bd64d7";
const PLACE = "897f37c0b02013859f1243a34e9a8eb0";
const STAFF = "8d42cb2042a5049d0f709950c41aeec1";
const ITEM = "35873e79d623a65d969e1afc3f62bd5c";
const MAILBOX = "6a".repeat(32);

const desk = randomBytes(32);
const place = randomBytes(32);
const reviewer = randomBytes(32);
const family = { sign: randomBytes(32), age: randomBytes(32) };
const familyVkey = hex(ed25519.getPublicKey(family.sign));

/** As much of a session as opening and sealing ask for. */
function session(seen = false): StaffSession {
  return {
    relay: RELAY,
    id: STAFF,
    signSeed: reviewer,
    directory: { version: 3 },
    signers: { isSuspended: () => false, vkey: () => ed25519.getPublicKey(reviewer) },
    book: { hasSeen: () => seen, checkDocument: () => undefined },
    deskSeeds: () => [desk],
    sealDocument: async () => new TextEncoder().encode("a sealed contact"),
  } as unknown as StaffSession;
}

async function aLetter(change: Partial<LetterToSeal["manifest"]> = {}, signSeed = family.sign) {
  const picture = await sealEnclosure({
    relay: RELAY,
    item: ITEM,
    part: 1,
    bytes: randomBytes(500),
    type: "image/png",
    name: "дім.png",
  });
  const line = {
    relay: RELAY,
    item: ITEM,
    kind: "letter" as const,
    hop: "family>review" as const,
    detainee: "123456789012",
    to: [`${DESK}/1`],
    dir: 3,
    enclosures: [picture.digest],
  };
  const manifest = {
    by: { family: familyVkey },
    lang: "uk",
    text: "Ми за мостом 🌉, усе добре.",
    reply_to: recipientOf(family.age),
    enclosures: [picture.entry],
    ...change,
  };
  const file = await sealLetter({ line, manifest, signSeed, recipients: [recipientOf(desk)] });
  const digests = [partDigest(file), picture.digest];
  const row = {
    item: ITEM,
    kind: "letter",
    state: "claimed",
    head: "ab".repeat(32),
    detainee: "123456789012",
    parts: digests.map((digest) => ({ digest, bytes: 0 })),
    acceptedAt: "2026-11-28T09:00:00Z",
    desk: DESK,
    mailbox: MAILBOX,
    signer: familyVkey,
  } as unknown as Row;
  return {
    row,
    files: new Map([
      [digests[0]!, file],
      [digests[1]!, picture.file],
    ]),
    digests,
  };
}

const toPlace: Leg = { hop: "review>facility", to: [`${PLACE}/1`], recipients: [recipientOf(place)], place: PLACE };

describe("a family's letter", () => {
  it("is opened with its picture, and judged a first letter", async () => {
    const { row, files } = await aLetter();
    const item = await openItem(session(), DESK, row, files);
    expect(item.letter.manifest.text).toContain("мостом");
    expect(await item.pictures[0]!.blob!.arrayBuffer()).toHaveProperty("byteLength", 500);
    expect(judged(session(), item)).toEqual({
      authenticity: "first-contact",
      proven: true,
      replyTo: recipientOf(family.age),
    });
  });

  it("is sealed on with bars, without the way to the family, without the key of what was left out", async () => {
    const { row, files, digests } = await aLetter();
    const item = await openItem(session(), DESK, row, files);
    const draft = {
      ...togglePicture(addCut(NO_DRAFT, { start: 6, end: 14, reason: "MIL" }), 1, "PHOTO_MIL"),
      note: "We are well.",
    };
    const sealed = await sealOn(session(), DESK, item, toPlace, draft, judged(session(), item), undefined);
    const vkey = hex(ed25519.getPublicKey(reviewer));
    const passed = await openLetter(sealed.files[0]!, place, { vkey });
    expect(passed.signature).toBe("authentic");
    expect(passed.manifest.text).toBe("Ми за ████████, усе добре.");
    expect(passed.manifest.excised).toEqual([{ start: 6, end: 14, reason: "MIL" }]);
    expect(passed.manifest.note).toBe("We are well.");
    expect(passed.manifest).not.toHaveProperty("reply_to");
    expect(passed.manifest.enclosures![0]!.seed).toBeNull();
    expect(passed.line.enclosures).toEqual([digests[1]]);
    expect(sealed.subject).toEqual({ item: ITEM, prev: row.head, parts: [partDigest(sealed.files[0]!), digests[1]] });
    expect(sealed.fields).toMatchObject({ to: [`${PLACE}/1`], place: PLACE, reasons: ["MIL", "PHOTO_MIL"] });
    expect(sealed.contact).toMatchObject({ mailbox: MAILBOX, vkey: familyVkey, version: 1, letters: [ITEM] });
  });

  it("signed by another hand than the contact's, or than the mailbox's, is forged and changes no contact", async () => {
    const { row, files } = await aLetter();
    const item = await openItem(session(), DESK, row, files);
    const contact = { mailbox: MAILBOX, detainee: "123456789012", vkey: "cd".repeat(32), version: 4, letters: [] };
    expect(judged(session(), item, contact).authenticity).toBe("forged");
    const elsewhere = { ...item, row: { ...row, signer: "cd".repeat(32) } };
    const judgement = judged(session(), elsewhere);
    expect(judgement).toMatchObject({ authenticity: "forged", proven: false });
    const sealed = await sealOn(session(), DESK, elsewhere, toPlace, NO_DRAFT, judgement, undefined);
    expect(sealed.contact).toBeUndefined();
  });

  it("whose signature is false is forged", async () => {
    const { row, files } = await aLetter({}, randomBytes(32));
    expect(judged(session(), await openItem(session(), DESK, row, files)).authenticity).toBe("forged");
  });

  it("is not believed where the relay hides a contact that was seen", async () => {
    const { row, files } = await aLetter();
    const item = await openItem(session(true), DESK, row, files);
    expect(item.contactRefused).toBe("document_rolled_back");
    expect(judged(session(), item)).toMatchObject({ proven: false, replyTo: undefined });
  });

  it("of another item is refused", async () => {
    const { row, files } = await aLetter();
    const other = { ...row, item: "00".repeat(16) };
    await expect(openItem(session(), DESK, other, files)).rejects.toMatchObject({ code: "letter_differs" });
  });
});

it("leads to no family that has left no key", () => {
  expect(() => legToFamily(undefined)).toThrow(expect.objectContaining({ code: "no_address" }));
});

describe("a contact", () => {
  const letter = { item: ITEM, mailbox: MAILBOX, detainee: "123456789012", vkey: familyVkey };

  it("is read back as it was written, and in no other order", () => {
    const contact = renewContact(undefined, { ...letter, names: "Марія, мати" });
    expect(parseContact(encodeContact(contact), 1)).toEqual(contact);
    const turned = encodeContact(contact)
      .replace(/"names":"[^"]*",/, "")
      .replace("}", ',"names":"x"}');
    expect(() => parseContact(turned, 1)).toThrow(expect.objectContaining({ code: "contact_malformed" }));
  });

  it("goes on from the one before, under the same key alone", () => {
    const first = renewContact(undefined, { ...letter, replyTo: "age1pq1x", names: "Марія" });
    const second = renewContact(first, { ...letter, item: "11".repeat(16) });
    expect(second).toMatchObject({ version: 2, names: "Марія", replyTo: "age1pq1x", letters: [ITEM, "11".repeat(16)] });
    expect(() => renewContact(first, { ...letter, vkey: "ef".repeat(32) })).toThrow(
      expect.objectContaining({ code: "contact_key_differs" }),
    );
  });
});

describe("the register", () => {
  const page = (status: string) =>
    `{"v":1,"records":[{"number":"123456789012","status":"${status}","place":"${PLACE}","person":{"surname_cyr":"Щербань"}}]}`;

  it("lets the newer page speak, whatever order the relay gives them in", () => {
    const pages = [
      { version: 8, records: parsePage(page("released")) },
      { version: 7, records: parsePage(page("confirmed")) },
    ];
    const register = registerOf(pages);
    expect(register.find("123456789012").status).toBe("released");
    expect(() => register.placeOf("123456789012")).toThrow(expect.objectContaining({ code: "no_place" }));
    expect(() => register.placeOf("000000000000")).toThrow(expect.objectContaining({ code: "number_unknown" }));
  });

  it("refuses a page with a key that it does not know", () => {
    expect(() => parsePage(page("confirmed").replace('"surname_cyr"', '"nickname"'))).toThrow(
      expect.objectContaining({ code: "register_malformed" }),
    );
  });
});

describe("one more reader of a keyring", () => {
  const [code, passkey] = [randomBytes(32), randomBytes(32)];
  const root = { relay: RELAY, staff: STAFF, root: randomBytes(32) };

  it("opens it, and so does whoever could before", async () => {
    const added = addReader(await sealKeyring(root, [recipientOf(code)]), code, recipientOf(passkey));
    expect(await openKeyring(added, passkey, null)).toEqual(root);
    expect(await openKeyring(added, code, null)).toEqual(root);
  });

  it("is not let in by whoever cannot open it", async () => {
    const keyring = await sealKeyring(root, [recipientOf(code)]);
    expect(() => addReader(keyring, passkey, recipientOf(passkey))).toThrow(
      expect.objectContaining({ code: "wrong_key" }),
    );
  });
});
