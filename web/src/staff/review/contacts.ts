/**
 * Contacts: the review desk's own sealed record of who a mailbox is, so that replies find their family. A later letter
 * changes one only under the key that it has; otherwise whoever learned a number could take a detainee's replies.
 */

import { encodeJson, parseJson } from "../../core/canonical";
import { Problem } from "../../core/problems";
import { isDigest, isId } from "../answers";

const KEYS: readonly string[] = ["v", "mailbox", "detainee", "names", "reply_to", "vkey", "letters"];
/** Older ones are forgotten; a reply to one of them goes on only knowingly. */
const MOST_LETTERS = 500;

/** Who writes to whom. */
export interface Contact {
  readonly mailbox: string;
  /** The number of whoever they wrote to last. */
  readonly detainee: string;
  /** The family's Ed25519 key, hex. */
  readonly vkey: string;
  readonly replyTo?: string | undefined;
  readonly names?: string | undefined;
  /** Of the sealed document; one more each time. */
  readonly version: number;
  /** The ids of the letters passed from this mailbox, the newest last. */
  readonly letters: readonly string[];
}

/** What a letter says that renews a contact. */
export interface Renewal {
  readonly item: string;
  readonly mailbox: string;
  readonly detainee: string;
  /** The family's key in the letter; nothing if no family signed it. */
  readonly vkey: string | undefined;
  readonly replyTo?: string | undefined;
  readonly names?: string | undefined;
}

/** Write a contact as the content of its sealed document. */
export function encodeContact(contact: Contact): string {
  return encodeJson({
    v: 1,
    mailbox: contact.mailbox,
    detainee: contact.detainee,
    names: contact.names,
    reply_to: contact.replyTo,
    vkey: contact.vkey,
    letters: contact.letters.length > 0 ? contact.letters : undefined,
  });
}

/** Read a contact; throws Problem "contact_malformed" or "not_canonical". */
export function parseContact(text: string, version: number): Contact {
  const fields = parseJson(text, "contact");
  const inOrder = KEYS.filter((key) => key in fields);
  const { letters = [] } = fields;
  const texts = ["detainee", "names", "reply_to"].every((key) => !(key in fields) || typeof fields[key] === "string");
  const whole = fields.v === 1 && isDigest(fields.mailbox) && isDigest(fields.vkey) && "detainee" in fields;
  const known = Array.isArray(letters) && letters.every(isId) && (letters.length > 0 || !("letters" in fields));
  if (Object.keys(fields).join() !== inOrder.join() || !texts || !whole || !known)
    throw new Problem("contact_malformed");
  return {
    mailbox: fields.mailbox,
    detainee: fields.detainee,
    vkey: fields.vkey,
    replyTo: fields.reply_to,
    names: fields.names,
    version,
    letters,
  };
}

/** The contact as it stands after a letter was passed; throws Problem "contact_key_differs". */
export function renewContact(previous: Contact | undefined, letter: Renewal): Contact {
  const { vkey } = letter;
  if (vkey === undefined || (previous !== undefined && vkey !== previous.vkey))
    throw new Problem("contact_key_differs");
  return {
    mailbox: letter.mailbox,
    detainee: letter.detainee,
    vkey,
    replyTo: letter.replyTo ?? previous?.replyTo,
    names: letter.names || previous?.names,
    version: (previous?.version ?? 0) + 1,
    letters: [...new Set([...(previous?.letters ?? []), letter.item])].slice(-MOST_LETTERS),
  };
}
