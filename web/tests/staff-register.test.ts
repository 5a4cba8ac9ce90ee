/** What a registrar publishes: the record as it will stand, sealed to every review desk, and the relay's rows beside it. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, it, vi } from "vitest";
import { fromUtf8, randomBytes, sha256hex, utf8 } from "../src/core/bytes";
import { recipientOf } from "../src/core/hybrid";
import { openDocument, partDigest, sealDocument } from "../src/core/sealed";
import { encodeRows, publishStanding, recordAfter } from "../src/staff/register/publishing";
import { ReviewDesk } from "../src/staff/review/desk";
import { encodePage, type HeldRecord, parsePage } from "../src/staff/review/register";
import type { StaffSession } from "../src/staff/session";
import { DESK, NUMBER, OTHER, PLACE, RELAY, SECOND, STAFF } from "./ids";

const seeds = new Map([DESK, SECOND, PLACE, OTHER].map((id) => [id, randomBytes(32)]));
const registrar = randomBytes(32);
const KNOWN: HeldRecord = { number: NUMBER, status: "confirmed", place: PLACE, person: { surname_cyr: "Щербань" } };

/** A session over a relay that keeps pages and lists them. */
function session() {
  const files = new Map<string, Uint8Array>();
  const pages: string[] = [];
  const told = vi.fn();
  const epochs = [{ epoch: 1 }];
  const made = {
    relay: RELAY,
    id: STAFF,
    directory: {
      version: 3,
      desks: [DESK, SECOND, PLACE, OTHER].map((id) => ({
        id,
        kind: id === DESK || id === SECOND ? "review" : "facility",
        epochs,
      })),
      current: (id: string) => ({ to: `${id}/1`, recipient: recipientOf(seeds.get(id)!) }),
    },
    signers: { isSuspended: () => false, vkey: () => ed25519.getPublicKey(registrar) },
    book: { checkDocument: () => undefined, checkRegister: () => undefined },
    deskSeeds: (id: string) => [seeds.get(id)!],
    get: async () => ({ pages: [...pages] }),
    fetchParts: async (parts: Iterable<{ digest: string }>) =>
      new Map([...parts].map(({ digest }) => [digest, files.get(digest)!])),
    uploadParts: async (parts: readonly Uint8Array[]) => {
      for (const part of parts) files.set(partDigest(part), part);
    },
    sealTo: (line: never, content: Uint8Array, recipients: readonly string[]) =>
      sealDocument({ line, content, author: { staff: STAFF }, signSeed: registrar, recipients }),
    office: async (kind: string, fields: { document: string }, rows: string) => {
      pages.push(fields.document);
      told(kind, fields, rows);
      return 41;
    },
  };
  const publish = async (record: HeldRecord, version: number) => {
    const line = { relay: RELAY, kind: "register", id: OTHER, to: [`${DESK}/1`], dir: 3, version } as const;
    const file = await made.sealTo(line as never, utf8(encodePage([record])), [recipientOf(seeds.get(DESK)!)]);
    files.set(partDigest(file), file);
    pages.push(partDigest(file));
  };
  return { session: made as unknown as StaffSession, files, pages, told, publish };
}

describe("a record", () => {
  const { session: asked } = session();

  it.each([
    [{ status: "transferred" }, undefined],
    [{ status: "transferred", place: OTHER }, OTHER],
    [{ status: "released" }, undefined],
    [{ status: "closed" }, undefined],
    [{ status: "unconfirmed" }, PLACE],
    [{ status: "confirmed", place: OTHER }, OTHER],
  ] as const)("keeps its place only while somebody may still be there: %o", (standing, place) => {
    const after = recordAfter(asked, KNOWN, standing);
    expect(after).toEqual({ ...KNOWN, status: standing.status, place });
  });

  it("confirms nobody nowhere, and at no desk that holds nobody", () => {
    const nowhere = { ...KNOWN, place: undefined };
    const wanted = expect.objectContaining({ code: "place_wanted" });
    expect(() => recordAfter(asked, nowhere, { status: "confirmed" })).toThrow(wanted);
    const unknown = expect.objectContaining({ code: "place_unknown" });
    expect(() => recordAfter(asked, KNOWN, { status: "confirmed", place: DESK })).toThrow(unknown);
  });

  it("is told to the relay as Python tells it", () => {
    const free = { ...KNOWN, status: "released" as const, place: undefined };
    expect(encodeRows([KNOWN, free])).toBe(
      `{"v":1,"rows":[["${NUMBER}","confirmed","${PLACE}"],["${NUMBER}","released",null]]}`,
    );
  });
});

describe("publishing", () => {
  it("seals one page to every review desk, and is read back at once, though this clock were behind", async () => {
    const { session: asked, files, pages, told, publish } = session();
    const ahead = Math.floor(Date.now() / 1000) + 5_000;
    await publish(KNOWN, ahead);
    const desk = new ReviewDesk(asked, DESK);
    expect(await publishStanding(desk, KNOWN, { status: "transferred", place: OTHER })).toBe(41);
    const file = files.get(pages[1]!)!;
    for (const reader of [DESK, SECOND]) {
      const opened = await openDocument(file, seeds.get(reader)!);
      expect(parsePage(fromUtf8(opened.content))).toEqual([{ ...KNOWN, status: "transferred", place: OTHER }]);
      expect(opened.line).toMatchObject({ version: ahead + 1, to: [`${DESK}/1`, `${SECOND}/1`] });
    }
    const [kind, fields, rows] = told.mock.calls[0]!;
    expect([kind, fields]).toEqual(["register", { document: pages[1], rows: sha256hex(utf8(rows)) }]);
    expect(rows).not.toContain("Щербань");
    expect(desk.register!.find(NUMBER).place).toBe(OTHER);
  });

  it("writes over nothing that another registrar has said since", async () => {
    const { session: asked, told, publish } = session();
    await publish(KNOWN, 1);
    const desk = new ReviewDesk(asked, DESK);
    await desk.readRegister();
    await publish({ ...KNOWN, status: "released", place: undefined }, 2);
    const late = publishStanding(desk, KNOWN, { status: "transferred", place: OTHER });
    await expect(late).rejects.toMatchObject({ code: "record_moved" });
    expect(told).not.toHaveBeenCalled();
    expect(desk.register!.find(NUMBER).status).toBe("released");
  });
});
