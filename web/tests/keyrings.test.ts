/** Keyrings and desk keys: what is sealed opens for each reader, and only if the directory has its public half. */

import { expect, test } from "vitest";
import { decryptAge, encryptAge, identitiesOf } from "../src/core/agefile";
import { type Bytes, fromUtf8, sha256, unhex, utf8 } from "../src/core/bytes";
import { staffKeys, staffName } from "../src/core/codes";
import { sealDocument } from "../src/core/documents";
import { recipientOf } from "../src/core/hybrid";
import {
  deskCodeReader,
  deskKeyId,
  type KeyDirectory,
  newDeskKey,
  newStaffRoot,
  openDeskKey,
  openKeyring,
  recipientDigest,
  sealDeskKey,
  sealKeyring,
  staffReader,
} from "../src/core/keyrings";
import { Problem } from "../src/core/problems";
import { ed25519Vkey } from "../src/core/vkeys";
import { laterProblemOf } from "./vectors";

const id = (name: string) => deskKeyId(name, 1).slice(0, 32);
const seed = (name: string): Bytes => sha256(utf8(name));
const [RELAY, STAFF, DESK] = [id("relay"), id("staff"), id("desk")];
const ROOT = newStaffRoot(RELAY, STAFF);
const KEY = newDeskKey(RELAY, DESK, 2);
const MEMBER = staffKeys(ROOT.root);
const [PAPER, PASSKEY, DESK_CODE] = [seed("staff code"), seed("passkey"), seed("desk code")];
const READERS = new Map([
  [staffReader(STAFF), MEMBER.recipient],
  [deskCodeReader(DESK), recipientOf(DESK_CODE)],
]);

/** A directory of one member and one desk; anybody and anything else is unknown to it. */
function directoryOf(changes: { vkey?: string; member?: string; desk?: string } = {}): KeyDirectory {
  const vkey = changes.vkey ?? String(ed25519Vkey(staffName(RELAY, STAFF), unhex(MEMBER.vkey)));
  return {
    version: 4,
    staff(asked) {
      if (asked !== STAFF) throw new Problem("unknown_staff");
      return { vkey, recipient_sha256: recipientDigest(changes.member ?? MEMBER.recipient) };
    },
    recipient(asked) {
      if (asked !== `${DESK}/2`) throw new Problem("unknown_epoch");
      return changes.desk ?? recipientOf(KEY.seed);
    },
  };
}

const DIRECTORY = directoryOf();
const OTHER = recipientOf(seed("somebody else"));

test("a keyring opens with the paper code and with a passkey, and not with another", async () => {
  const file = await sealKeyring(ROOT, [recipientOf(PAPER), recipientOf(PASSKEY)]);

  expect(await openKeyring(file, PAPER, DIRECTORY)).toEqual(ROOT);
  expect(await openKeyring(file, PASSKEY, null)).toEqual(ROOT);
  expect(await laterProblemOf(() => openKeyring(file, DESK_CODE, DIRECTORY))).toBe("wrong_key");
});

test("a keyring whose keys the directory does not have is refused", async () => {
  const file = await sealKeyring(ROOT, [recipientOf(PAPER)]);
  const stranger = await sealKeyring(newStaffRoot(RELAY, id("stranger")), [recipientOf(PAPER)]);
  const renamed = String(ed25519Vkey(staffName(RELAY, STAFF), seed("another key")));

  for (const directory of [directoryOf({ member: OTHER }), directoryOf({ vkey: renamed })]) {
    expect(await laterProblemOf(() => openKeyring(file, PAPER, directory))).toBe("key_not_in_directory");
  }
  expect(await laterProblemOf(() => openKeyring(stranger, PAPER, DIRECTORY))).toBe("key_not_in_directory");
});

test("what is no keyring is refused, though it is sealed like one", async () => {
  const whole = fromUtf8(decryptAge(await sealKeyring(ROOT, [recipientOf(PAPER)]), identitiesOf(PAPER)));
  const open = (text: string | Uint8Array) => {
    const content = typeof text === "string" ? utf8(text) : text;
    return laterProblemOf(() => openKeyring(encryptAge(content, [recipientOf(PAPER)]), PAPER, null));
  };

  expect(await open(whole)).toBe("no problem");
  expect(await open(whole.replace('"v":1', '"v":2'))).toBe("keyring_malformed");
  expect(await open(whole.replace('"staff"', '"member"'))).toBe("keyring_malformed");
  expect(await open(whole.replace(RELAY, RELAY.toUpperCase()))).toBe("keyring_malformed");
  expect(await open(whole.replace("{", "{ "))).toBe("not_canonical");
  expect(await open(Uint8Array.of(0xff))).toBe("keyring_malformed");
});

test("a desk's key opens for a member and with the desk's code", async () => {
  const file = await sealDeskKey({ key: KEY, readers: READERS, by: ROOT, directory: DIRECTORY });

  expect(await openDeskKey(file, MEMBER.ageSeed, DIRECTORY)).toEqual(KEY);
  expect(await openDeskKey(file, [PAPER, DESK_CODE], DIRECTORY)).toEqual(KEY);
  expect(await laterProblemOf(() => openDeskKey(file, PAPER, DIRECTORY))).toBe("wrong_key");
});

test("a desk's key that the directory does not have, or no longer, is refused", async () => {
  const file = await sealDeskKey({ key: KEY, readers: READERS, by: ROOT, directory: DIRECTORY });
  const unknown = { ...KEY, epoch: 3 };
  const other = await sealDeskKey({ key: unknown, readers: READERS, by: ROOT, directory: DIRECTORY });

  expect(await laterProblemOf(() => openDeskKey(file, DESK_CODE, directoryOf({ desk: OTHER })))).toBe(
    "key_not_in_directory",
  );
  expect(await laterProblemOf(() => openDeskKey(other, DESK_CODE, DIRECTORY))).toBe("key_not_in_directory");
});

test("a desk's key is sealed to members by the recipients that the directory vouches for, and to somebody", async () => {
  const seal = (readers: [string, string][]) =>
    laterProblemOf(() => sealDeskKey({ key: KEY, readers: new Map(readers), by: ROOT, directory: DIRECTORY }));

  expect(await seal([[staffReader(STAFF), OTHER]])).toBe("key_not_in_directory");
  expect(await seal([[staffReader(id("stranger")), OTHER]])).toBe("key_not_in_directory");
  expect(await seal([["anybody", OTHER]])).toBe("sealed_line");
  expect(await seal([])).toBe("sealed_line");
});

test("a document that is no desk key, or another's, is refused", async () => {
  const content = `{"v":1,"relay":"${RELAY}","desk":"${DESK}","epoch":2,"seed":"${"ab".repeat(32)}"}`;
  const seal = (text: string, idOfIt: string) =>
    sealDocument({
      line: { relay: RELAY, kind: "desk-key", id: idOfIt, to: [deskCodeReader(DESK)], dir: 4, version: 1 },
      content: utf8(text),
      author: { staff: STAFF },
      signSeed: MEMBER.signSeed,
      recipients: [recipientOf(DESK_CODE)],
    });
  const open = async (text: string, idOfIt: string) => {
    const file = await seal(text, idOfIt);
    return laterProblemOf(() => openDeskKey(file, DESK_CODE, DIRECTORY));
  };

  expect(await open(content, deskKeyId(DESK, 2))).toBe("key_not_in_directory");
  expect(await open(content, deskKeyId(DESK, 1))).toBe("keyring_malformed");
  expect(await open(content.replace('"epoch":2', '"epoch":0'), deskKeyId(DESK, 0))).toBe("keyring_malformed");
});
