/** Who wrote a sealed letter or document: the seal says nothing about it, the signature inside does. */

import { hex } from "../core/bytes";
import type { OpenedDocument } from "../core/documents";
import { Problem } from "../core/problems";
import type { Author, KnownKey, OpenedLetter } from "../core/sealed";
import type { Signers } from "../core/suspensions";

/** What a signature says of the author; always shown, never acted on silently. */
export type Authenticity = "known" | "first-contact" | "unsigned" | "forged" | "suspended" | "stranger";

/** Roles whose holders seal what a facility, a bureau or a family opens. */
export const READERS: readonly string[] = ["reviewer", "senior"];
/** Roles whose holders bring in what a detainee writes. */
export const BRINGERS: readonly string[] = ["officer", "dispatcher"];
/** Roles whose holders sign pages of the register. */
export const REGISTRARS: readonly string[] = ["registrar"];

/** Whether the text may be taken for its author's. */
export function isTrustworthy(authenticity: Authenticity): boolean {
  return authenticity === "known" || authenticity === "first-contact";
}

/** The family's key that stands in a letter, by which to open it; whether it is *their* key is judged afterwards. */
export function familyKeyOf(by: Author): string | undefined {
  return "family" in by ? by.family : undefined;
}

/** Which key of the staff's to open something with that was sealed under a directory version by one of these roles. */
export function staffKeyOf(signers: Signers, roles: readonly string[], version: number): KnownKey {
  return (by) => {
    const vkey = "staff" in by ? signers.vkey(by.staff, roles, version) : undefined;
    return vkey && hex(vkey);
  };
}

/** Judge a family's letter, opened by `familyKeyOf`; `known` is the key of the contact, if it has written before. */
export function judgeFamilyLetter(letter: OpenedLetter, known: string | undefined): Authenticity {
  if (letter.signature === "unsigned") return "unsigned";
  const vkey = familyKeyOf(letter.manifest.by);
  const isTheirs = vkey !== undefined && (known === undefined || vkey === known);
  if (!isTheirs || letter.signature !== "authentic") return "forged";
  return known === undefined ? "first-contact" : "known";
}

/** Judge what a member of staff sealed, opened by `staffKeyOf`; `since` is when the relay took the item in. */
export function judgeStaffLetter(
  letter: OpenedLetter,
  signers: Signers,
  roles: readonly string[],
  since?: string,
): Authenticity {
  if (letter.signature === "unsigned") return "unsigned";
  const { by } = letter.manifest;
  if (!("staff" in by)) return "forged";
  const { dir } = letter.line;
  if (signers.isSuspended(by.staff, dir, since)) return "suspended";
  if (signers.vkey(by.staff, roles, dir) === undefined) return "stranger";
  return letter.signature === "authentic" ? "known" : "forged";
}

/** Require that a document, opened by `staffKeyOf`, was signed by such staff; throws Problem "document_not_authentic". */
export function requireAuthentic(document: OpenedDocument): OpenedDocument {
  if (document.signature !== "authentic") throw new Problem("document_not_authentic");
  return document;
}
