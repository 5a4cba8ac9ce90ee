/** The officer's page without a browser: codes, deeds that are sent again, replies as reviewers will open them, bags. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { randomBytes, sha256hex, utf8 } from "../src/core/bytes";
import { newNumber, showNumber } from "../src/core/codes";
import { recipientOf } from "../src/core/hybrid";
import { Problem } from "../src/core/problems";
import { openEnclosure, openLetter, partDigest, sealEnclosure, sealLetter } from "../src/core/sealed";
import { Signers } from "../src/core/suspensions";
import { ed25519Vkey } from "../src/core/vkeys";
import { encodeManifest, Packing } from "../src/staff/dispatch/packing";
import { called, findId, grouped, readCode, replyCode } from "../src/staff/facility/codes";
import { Deed, inPieces, isStale, mayPass } from "../src/staff/facility/deeds";
import { barsIn } from "../src/staff/facility/letter";
import { openItem } from "../src/staff/facility/opening";
import { ReplyOutbox } from "../src/staff/facility/outbox";
import { isSound, Place } from "../src/staff/facility/place";
import { qrPath } from "../src/staff/facility/qr";
import { isWritten, lacks, NO_REPLY, type ReplyDraft, sealReply } from "../src/staff/facility/replies";
import type { Row } from "../src/staff/rows";
import type { Signed, StaffSession } from "../src/staff/session";

const RELAY = "11".repeat(16);
const REVIEW = "aa".repeat(16);
const HOUSE = "bb".repeat(16);
const BUREAU = "cc".repeat(16);
const ANN = "dd".repeat(16);
const OLE = "ee".repeat(16);
const ITEM = "22".repeat(16);
const NUMBER = newNumber();

const [reviewSeed, houseSeed, annSeed, oleSeed] = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

const DESKS = [
  { id: REVIEW, kind: "review", keyless: false, epochs: [] },
  { id: HOUSE, kind: "facility", side: "a", keyless: false, epochs: [] },
  { id: BUREAU, kind: "bureau", side: "b", keyless: true, epochs: [] },
];
const MEMBERS = new Map([
  [ANN, { roles: ["reviewer"], key: ed25519.getPublicKey(annSeed) }],
  [OLE, { roles: ["officer"], key: ed25519.getPublicKey(oleSeed) }],
]);
const directory = {
  version: 3,
  intakeId: REVIEW,
  desks: DESKS,
  desk: (id: string) => DESKS.find((desk) => desk.id === id)!,
  hasStaff: (id: string) => MEMBERS.has(id),
  staff: (id: string) => MEMBERS.get(id)!,
  intake: () => ({ to: `${REVIEW}/1`, recipient: recipientOf(reviewSeed) }),
};

/** A session that sends nothing anywhere: `answer` says what the relay would. */
function session(answer: (signed: Signed) => unknown = () => []) {
  const sent: Signed[] = [];
  const uploaded: Uint8Array[] = [];
  let signatures = 0;
  const fake = {
    locked: false,
    relay: RELAY,
    id: OLE,
    signSeed: oleSeed,
    directory,
    signers: new Signers(directory as never),
    deskSeeds: () => [houseSeed],
    prepare: (kind: string, subjects: unknown, fields: unknown) => {
      const note = utf8(JSON.stringify({ kind, subjects, fields, signature: ++signatures }));
      return { path: "/", note, subjects } as Signed;
    },
    send: async (signed: Signed) => {
      sent.push(signed);
      return answer(signed);
    },
    uploadParts: async (parts: Uint8Array[]) => {
      uploaded.push(...parts);
      return parts.map(partDigest);
    },
    sealDocument: async () => randomBytes(64),
  };
  return { fake: fake as typeof fake & StaffSession, sent, uploaded };
}

const said = (signed: Signed) => JSON.parse(new TextDecoder().decode(signed.note));

function row(change: Partial<Row> = {}): Row {
  const base = {
    item: ITEM,
    kind: "letter",
    state: "bagged",
    head: "33".repeat(32),
    detainee: NUMBER,
    parts: [{ digest: "44".repeat(32), bytes: 1 }],
  };
  return { ...base, ...change } as Row;
}

describe("codes", () => {
  test("a reply sheet's code names the letter and the writer", () => {
    expect(readCode(replyCode(ITEM, NUMBER))).toEqual({ id: ITEM, number: NUMBER });
    expect(readCode(replyCode(ITEM, "unknown"))).toEqual({ id: ITEM, number: undefined });
  });

  test("an id is read as scanned, in capitals, and as typed in groups", () => {
    const id = "0123456789abcdef0123456789abcdef";
    for (const text of [id, id.toUpperCase(), grouped(id), ` ${id}\r\n`, `https://x/${id}`])
      expect(readCode(text)?.id).toBe(id);
    expect(called(id)).toBe("0123 4567");
  });

  test.each(["", "hello", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0"])(
    "%j is no code",
    (text) => {
      expect(readCode(text)).toBeUndefined();
    },
  );

  test("a typed beginning finds one item, and never one of two", () => {
    const ids = ["abcdef01".padEnd(32, "0"), "abcdef02".padEnd(32, "0"), "ffff0000".padEnd(32, "0")];
    expect(findId("FFFF 00", ids)).toBe(ids[2]);
    expect(findId("abcdef", ids)).toBeUndefined();
    expect(findId("ffff0", ids)).toBeUndefined();
    expect(findId(replyCode(ids[1]!, NUMBER), ids)).toBe(ids[1]);
    expect(findId("99".repeat(16), ids)).toBeUndefined();
  });

  test("a code is drawn with the quiet edge that readers need", () => {
    const { path, size } = qrPath(ITEM);
    const places = [...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(Math.min(...places.flat())).toBe(4);
    expect(Math.max(...places.flat())).toBe(size - 5);
  });
});

describe("deeds", () => {
  test("after a lost network the very same bytes are sent again", async () => {
    let answers = 0;
    const { fake, sent } = session(() => {
      if (answers++ === 0) throw new Problem("unreachable");
      return [];
    });
    const deed = new Deed(fake, [async () => fake.prepare("deliver", [], {})]);
    await expect(deed.run()).rejects.toThrow("unreachable");
    await deed.run();
    expect(sent.length).toBe(2);
    expect(sent[1]).toBe(sent[0]);
  });

  test("what stands already is not sent again", async () => {
    let fails = true;
    const { fake, sent } = session((signed) => {
      if (said(signed).kind === "receive" && fails) throw new Problem("unreachable");
      return [];
    });
    const bag = { bag: "99".repeat(16), rows: [row(), row({ item: "23".repeat(16) })] };
    const place = new Place(fake, HOUSE);
    const deed = place.receive(bag, new Map([[ITEM, "missing"]]), { reason: "SHORT" });
    await expect(deed.run()).rejects.toThrow("unreachable");
    fails = false;
    await deed.run();
    expect(sent.map((signed) => said(signed).kind)).toEqual(["missing", "receive", "receive"]);
    expect(said(sent[0]!).fields.reasons).toEqual(["SHORT"]);
    expect(said(sent[1]!).subjects.map((one: { item: string }) => one.item)).toEqual(["23".repeat(16)]);
  });

  test("what arrived damaged is remarked on, and what was missing before is left alone", async () => {
    const { fake, sent } = session();
    const rows = [row(), row({ item: "23".repeat(16), state: "missing" })];
    await new Place(fake, HOUSE).receive({ bag: "99".repeat(16), rows }, new Map([[ITEM, "DAMAGED"]]), {}).run();
    expect(sent.length).toBe(1);
    expect(said(sent[0]!).fields.remarks).toEqual([{ item: ITEM, remark: "DAMAGED" }]);
  });

  test("one statement is about 500 items at most, all with the one paper", async () => {
    const { fake, sent, uploaded } = session();
    const rows = Array.from({ length: 501 }, (_, at) => row({ item: at.toString(16).padStart(32, "0") }));
    const paper = { bytes: utf8("scan"), type: "image/jpeg", blob: new Blob(), codes: [] } as const;
    await new Place(fake, HOUSE).hand("deliver", rows, { paper }).run();
    expect(sent.map((signed) => said(signed).subjects.length)).toEqual([500, 1]);
    expect(new Set(uploaded.map(partDigest)).size).toBe(1);
    expect(new Set(sent.map((signed) => said(signed).fields.paper)).size).toBe(1);
    expect(inPieces([]).length).toBe(0);
  });

  test("only what may pass by itself is kept to be sent again", () => {
    const { fake } = session();
    expect(mayPass(new Problem("unreachable"), fake)).toBe(true);
    expect(mayPass(new Problem("overloaded", "", { status: 503 }), fake)).toBe(true);
    expect(mayPass(new Problem("stale_statement", "", { status: 409 }), fake)).toBe(false);
    fake.locked = true;
    expect(mayPass(new Problem("session_over", "", { status: 401 }), fake)).toBe(true);
    expect([isStale(new Problem("stale_statement")), isStale(new Problem("unreachable")), isStale("x")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("replies", () => {
  const page = { bytes: utf8("a picture"), type: "image/jpeg", blob: new Blob(), codes: [] } as const;
  const draft: ReplyDraft = {
    ...NO_REPLY,
    text: " Я живий. 😀 ",
    pages: [page],
    about: showNumber(NUMBER),
    re: ITEM,
    lang: "uk",
  };

  test("reviewers open what was sealed, with its pages and its author", async () => {
    const { fake } = session();
    const { item, parts, subject } = await sealReply(fake, HOUSE, draft);
    const vkey = ed25519Vkey(`${RELAY}/staff/${OLE}`, ed25519.getPublicKey(oleSeed)).publicKey;
    const { line, manifest, signature } = await openLetter(parts[0]!, reviewSeed, {
      vkey: Buffer.from(vkey).toString("hex"),
    });
    expect(signature).toBe("authentic");
    expect(line).toMatchObject({
      item,
      kind: "reply",
      hop: "facility>review",
      detainee: NUMBER,
      re: ITEM,
      to: [`${REVIEW}/1`],
      dir: 3,
    });
    expect(manifest).toMatchObject({ by: { staff: OLE }, lang: "uk", text: "Я живий. 😀" });
    expect(await openEnclosure(parts[1]!, line, manifest.enclosures![0]!)).toEqual(page.bytes);
    expect(subject).toEqual({ item, prev: null, parts: parts.map(partDigest) });
  });

  test("a bureau's reply says that it comes from one; an address is for nobody's letter only", async () => {
    const { fake } = session();
    const first = await sealReply(fake, BUREAU, { ...draft, re: "new", address: "To my sister" });
    const opened = await openLetter(first.parts[0]!, reviewSeed);
    expect([opened.line.hop, opened.line.re, opened.manifest.address]).toEqual([
      "bureau>review",
      "new",
      "To my sister",
    ]);
    const second = await sealReply(fake, HOUSE, { ...draft, address: "left over" });
    expect((await openLetter(second.parts[0]!, reviewSeed)).manifest.address).toBeUndefined();
  });

  test("what is missing is said before anything is sealed", async () => {
    expect(lacks(NO_REPLY)).toEqual(["reply_empty", "reply_answers", "number_mistyped"]);
    expect(lacks({ ...draft, text: "😀".repeat(8_001) })).toEqual(["text_too_long"]);
    expect(lacks({ ...draft, note: "x".repeat(2_001) })).toEqual(["note_too_long"]);
    expect(lacks({ ...draft, text: "😀".repeat(8_000) })).toEqual([]);
    await expect(sealReply(session().fake, HOUSE, { ...draft, about: "123" })).rejects.toThrow("number_mistyped");
    expect([isWritten(NO_REPLY), isWritten(draft)]).toEqual([false, true]);
  });

  test("a reply waits sealed for the network, and goes once", async () => {
    let fails = true;
    const { fake, sent } = session(() => {
      if (fails) throw new Problem("unreachable");
      return [];
    });
    const outbox = new ReplyOutbox(fake);
    await outbox.put(HOUSE, draft, async () => undefined);
    await expect.poll(() => outbox.entries[0]!.going).toBe("unsent");
    expect(outbox.waits).toBe(true);
    fails = false;
    await outbox.retry();
    expect([outbox.entries[0]!.going, outbox.waits]).toEqual(["in", false]);
    expect(sent[1]).toBe(sent[0]);
  });

  test("a refused reply goes back into the form, whole", async () => {
    const { fake } = session(() => {
      throw new Problem("epoch_over", "", { status: 409 });
    });
    const outbox = new ReplyOutbox(fake);
    await outbox.put(HOUSE, draft, async () => undefined);
    await expect.poll(() => outbox.entries[0]!.going).toBe("refused");
    expect(outbox.takeBack(outbox.entries[0]!.item)).toEqual(draft);
    expect(outbox.entries).toEqual([]);
  });
});

describe("letters that are here", () => {
  async function sealed(
    change: { hop?: "review>facility" | "family>review"; detainee?: string; by?: string; seed?: Uint8Array } = {},
  ) {
    const { hop = "review>facility", detainee = NUMBER, by = ANN, seed = annSeed } = change;
    const picture = await sealEnclosure({
      relay: RELAY,
      item: ITEM,
      part: 1,
      bytes: utf8("drawing"),
      type: "image/png",
      name: "a.png",
    });
    const line = {
      relay: RELAY,
      item: ITEM,
      kind: "letter",
      hop,
      detainee,
      to: [`${HOUSE}/1`],
      dir: 3,
      enclosures: [picture.digest],
    } as const;
    const manifest = {
      by: { staff: by },
      lang: "uk",
      text: "Ми в ███ порядку",
      excised: [{ start: 5, end: 8, reason: "MIL" }],
      enclosures: [picture.entry],
    };
    const file = await sealLetter({ line, manifest, signSeed: seed, recipients: [recipientOf(houseSeed)] });
    const parts = [file, picture.file].map((one) => ({ digest: partDigest(one), bytes: one.length }));
    const files = new Map([file, picture.file].map((one) => [partDigest(one), one as Uint8Array]));
    return { row: row({ parts, acceptedAt: "2026-11-28T00:00:00Z" } as Partial<Row>), files };
  }

  test("open with their pictures, and say that a reviewer signed", async () => {
    const { row: held, files } = await sealed();
    const opened = await openItem(session().fake, HOUSE, held, files);
    expect(opened.authenticity).toBe("known");
    expect(await opened.pictures[0]!.blob!.text()).toBe("drawing");
    expect(barsIn(opened.letter.manifest.text)).toEqual([
      { text: "Ми в ", blocked: false },
      { text: "███", blocked: true },
      { text: " порядку", blocked: false },
    ]);
  });

  test("of an officer, or under another key, are not to be handed over", async () => {
    const byOfficer = await sealed({ by: OLE, seed: oleSeed });
    const forged = await sealed({ seed: oleSeed });
    const found = await Promise.all(
      [byOfficer, forged].map(({ row: held, files }) => openItem(session().fake, HOUSE, held, files)),
    );
    expect(found.map(({ authenticity }) => authenticity)).toEqual(["stranger", "forged"]);
    expect(found.map((opened) => isSound({ row: row(), opened }))).toEqual([false, false]);
  });

  test("open at a bureau, if they are replies that a reviewer passed there", async () => {
    const line = {
      relay: RELAY,
      item: ITEM,
      kind: "reply",
      hop: "review>bureau",
      detainee: NUMBER,
      to: [`${BUREAU}/1`],
      dir: 3,
      re: "new",
    } as const;
    const manifest = { by: { staff: ANN }, lang: "ru", text: "Я жив.", address: "Сестре" };
    const file = await sealLetter({ line, manifest, signSeed: annSeed, recipients: [recipientOf(houseSeed)] });
    const held = row({ kind: "reply", parts: [{ digest: partDigest(file), bytes: file.length }] });
    const files = new Map([[partDigest(file), file as Uint8Array]]);
    expect((await openItem(session().fake, BUREAU, held, files)).authenticity).toBe("known");
    const asLetter = { ...held, kind: "letter" } as const;
    await expect(openItem(session().fake, BUREAU, asLetter, files)).rejects.toThrow("letter_differs");
  });

  test("that a family sealed past every reviewer, or that are for somebody else, do not open", async () => {
    for (const change of [{ hop: "family>review" }, { detainee: newNumber() }] as const) {
      const { row: held, files } = await sealed(change);
      await expect(openItem(session().fake, HOUSE, held, files)).rejects.toThrow("letter_differs");
    }
  });
});

describe("bags", () => {
  test("a manifest has the bytes, and so the digest, that the relay reckons", () => {
    const subjects = [
      { item: "22".repeat(16), prev: "33".repeat(32), parts: ["44".repeat(32), "55".repeat(32)] },
      { item: "66".repeat(16), prev: "77".repeat(32), parts: ["88".repeat(32)] },
    ];
    const manifest = encodeManifest("11".repeat(16), "99".repeat(16), "aa".repeat(16), subjects);
    // Made by relay.custody.bagfile.
    expect(sha256hex(utf8(manifest))).toBe("d7cb0da5a819342c7f956c5457a78f996edfa1b7b612c1e05405c789e7cd4608");
  });

  test("what was packed leaves its pile, and its cover stays to be printed", async () => {
    const { fake, sent } = session();
    const packing = new Packing(fake, REVIEW);
    packing.waiting = [row({ destination: HOUSE }), row({ item: "23".repeat(16), destination: BUREAU })];
    expect(packing.piles.map(({ place }) => place)).toEqual([HOUSE, BUREAU]);
    const { deed, bag } = packing.pack(packing.piles[0]!.rows, HOUSE);
    await deed.run();
    packing.keep(bag);
    expect(said(sent[0]!)).toMatchObject({ kind: "bag", fields: { bag: bag.bag, to: HOUSE, manifest: bag.manifest } });
    expect([packing.piles.length, packing.packed.length]).toEqual([1, 1]);
  });
});
