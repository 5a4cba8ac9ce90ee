// Write tests/vectors/sealed/typescript.json: files that age-encryption (typage), another implementation, has sealed.
//
//   cd "$(mktemp -d)" && npm install age-encryption@0.3.1 && cp <root>/tests/vectors/make_typescript.mjs . && node make_typescript.mjs <root>
//
// It also opens our own letter and enclosure. The randomness is its own, so running it again gives other, equally good files.

import * as age from "age-encryption";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const sealed = `${process.argv[2]}/tests/vectors/sealed/`;
const keys = JSON.parse(readFileSync(sealed + "keys.json", "utf8"));
const good = JSON.parse(readFileSync(sealed + "good.json", "utf8"));
const named = (name) => good.find((vector) => vector.name === name);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const BIND = "letter-relay/bind/v1";

const bind = (firstLine) => ({
  wrapFileKey: () => [new age.Stanza([BIND, sha256(firstLine).toString("base64").replace(/=+$/, "")], new Uint8Array(0))],
});

async function seal(firstLine, plaintext, recipients) {
  const encrypter = new age.Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  encrypter.addRecipient(bind(firstLine));
  return Buffer.concat([Buffer.from(firstLine + "\n"), await encrypter.encrypt(plaintext)]);
}

async function open(file, identity) {
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(file.subarray(file.indexOf("\n") + 1)));
}

function ed25519(seedHex, message) {
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seedHex, "hex")]);
  return sign(null, message, createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

function signedPlaintext(firstLine, manifest, seedHex, size) {
  const message = Buffer.from(`letter-relay/manifest/v1\0${firstLine}\n${manifest}`);
  const content = Buffer.from(`${manifest}\n${ed25519(seedHex, message).toString("base64")}\n`);
  return Buffer.concat([content, Buffer.alloc(size - content.length, " ")]);
}

const letter = named("letter");
const enclosure = named("enclosure");
const plaintext = signedPlaintext(letter.first_line, letter.manifest, keys.signers.family.seed, letter.plaintext_bytes);
if (!(await open(Buffer.from(letter.file, "base64"), keys.identities.review.identity)).equals(plaintext)) throw Error("letter");
const picture = Buffer.concat([Buffer.from(enclosure.content, "base64"), Buffer.alloc(enclosure.plaintext_bytes - enclosure.bytes)]);
if (!(await open(Buffer.from(enclosure.file, "base64"), keys.identities.picture.identity)).equals(picture)) throw Error("enclosure");

const vector = (from, file) => ({
  ...from,
  name: `${from.name}, sealed by typage`,
  says: "made by age-encryption 0.3.1 in Node.js",
  digest: sha256(file).toString("hex"),
  file: file.toString("base64"),
});
const vectors = [
  vector(letter, await seal(letter.first_line, plaintext, [keys.identities.review.recipient])),
  vector(enclosure, await seal(enclosure.first_line, picture, [keys.identities.picture.recipient])),
];
writeFileSync(sealed + "typescript.json", JSON.stringify(vectors, null, 1) + "\n");
