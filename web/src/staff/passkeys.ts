/**
 * Passkeys that open a keyring: the authenticator's PRF gives 32 secret bytes for a salt of ours, they give an X-Wing
 * seed, and its recipient is one more reader of the keyring. The PRF's output and what comes of it never leave the page,
 * and the relay is asked for nothing: a passkey is a key to the keyring, not an account.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, hex, randomBytes, sha256, unhex, utf8 } from "../core/bytes";
import { recipientOf } from "../core/hybrid";
import { isId } from "../core/ids";
import { Problem } from "../core/problems";
import { addReader } from "./keyring";
import { type StaffSession, shortId } from "./session";
import { OCTETS } from "./wire";

const LABEL = "letter-relay/passkey/v1";

/** Whether this browser and address can have passkeys, and if not, why not: `passkey.not.<reason>`. */
export interface Possibility {
  readonly possible: boolean;
  readonly reason?: "browser" | "address";
}

/** What a passkey gave: whose it is, and what opens their keyring. */
export interface PasskeyOpens {
  readonly staff: string;
  readonly seed: Uint8Array;
}

/** Say whether passkeys can be had here; an address of digits cannot have any, `localhost` can. */
export function passkeysPossible(): Possibility {
  if (typeof PublicKeyCredential === "undefined" || !isSecureContext) return { possible: false, reason: "browser" };
  const isNumeric = /^[0-9.]+$|^\[/.test(location.hostname);
  return isNumeric ? { possible: false, reason: "address" } : { possible: true };
}

/** Let the member choose a passkey; throws Problem "passkey_cancelled" or "passkey_without_prf". */
export async function unlockByPasskey(relay: string): Promise<PasskeyOpens> {
  const credential = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: randomBytes(32),
        rpId: location.hostname,
        userVerification: "required",
        extensions: extensions(relay),
      },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  const staff = response.userHandle === null ? "" : hex(new Uint8Array(response.userHandle));
  if (!isId(staff)) throw new Problem("passkey_of_others");
  return { staff, seed: seedOf(outputOf(credential), relay) };
}

/** Make a passkey and let it open the member's keyring too; what opened it before still does. */
export async function addPasskey(session: StaffSession): Promise<void> {
  const { relay, id } = session;
  const created = await asked(() => navigator.credentials.create({ publicKey: creation(session) }));
  const output = prfOf(created) ?? outputOf(await asked(() => again(relay, created.rawId)));
  const recipient = recipientOf(seedOf(output, relay));
  const keyring = await session.wire.getBytes(`/keyrings/${id}`);
  const sealed = addReader(keyring, session.unlockSeed, recipient);
  await session.wire.send("PUT", "/staff/keyring", sealed, OCTETS);
}

function creation({ relay, id, wire }: StaffSession): PublicKeyCredentialCreationOptions {
  return {
    challenge: randomBytes(32),
    rp: { id: location.hostname, name: wire.base || location.host },
    user: { id: unhex(id), name: `staff ${shortId(id)}`, displayName: `Letter Relay ${shortId(id)}` },
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    extensions: extensions(relay),
  };
}

/** Some authenticators tell that they have a PRF when a passkey is made, and what it gives only when it is used. */
function again(relay: string, id: ArrayBuffer): Promise<Credential | null> {
  return navigator.credentials.get({
    publicKey: {
      challenge: randomBytes(32),
      rpId: location.hostname,
      userVerification: "required",
      allowCredentials: [{ type: "public-key", id }],
      extensions: extensions(relay),
    },
  });
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch {
    throw new Problem("passkey_cancelled");
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Problem("passkey_cancelled");
  return credential;
}

/** With `eval`, not an empty `prf`: some authenticators hide their support otherwise. */
function extensions(relay: string): AuthenticationExtensionsClientInputs {
  return { prf: { eval: { first: sha256(concat(utf8(`${LABEL}\0`), unhex(relay))) } } };
}

function outputOf(credential: PublicKeyCredential): Uint8Array {
  const output = prfOf(credential);
  if (output === undefined) throw new Problem("passkey_without_prf");
  return output;
}

function prfOf(credential: PublicKeyCredential): Uint8Array | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return undefined;
  return first instanceof ArrayBuffer
    ? new Uint8Array(first)
    : new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
}

function seedOf(output: Uint8Array, relay: string): Bytes {
  return hkdf(nobleSha256, output, unhex(relay), utf8(`${LABEL}/age`), 32) as Bytes;
}
