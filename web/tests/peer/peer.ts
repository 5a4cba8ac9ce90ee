/** What the pages' core does for another program; bytes travel as base64, keys and digests as hex. */

import { b64, fromUtf8, unb64, unhex, utf8 } from "../../src/core/bytes";
import { familyKeys, staffCodeIdentity, staffKeys } from "../../src/core/codes";
import { parseDirectory } from "../../src/core/directory";
import { openDocument, sealDocument } from "../../src/core/documents";
import { openEnclosure, sealEnclosure } from "../../src/core/enclosures";
import type { DocumentLine, SealedLine } from "../../src/core/firstlines";
import {
  deskCodeReader,
  openDeskKey,
  openKeyring,
  sealDeskKey,
  sealKeyring,
  staffReader,
} from "../../src/core/keyrings";
import type { Manifest } from "../../src/core/manifests";
import { openLetter, partDigest, sealLetter } from "../../src/core/sealed";

/** Who takes part: a family by its code, and a member of staff by a root, who works at one desk. */
interface World {
  readonly relay: string;
  readonly code: string;
  readonly staff: string;
  readonly root: string;
  readonly staffCode: string;
  readonly desk: { readonly id: string; readonly epoch: number; readonly seed: string; readonly recipient: string };
  /** The directory's document. */
  readonly directory: string;
}

/** What is to be sealed. */
interface ToSeal {
  readonly letter: { readonly line: SealedLine; readonly manifest: Manifest };
  readonly picture: string;
  readonly note: { readonly line: DocumentLine; readonly text: string };
}

/** What was sealed, in base64. */
interface Files {
  readonly letter: string;
  readonly picture: string;
  readonly note: string;
  readonly keyring: string;
  readonly deskKey: string;
}

/** Seal or open, as the request says. */
export async function answer(request: { world: World; seal?: ToSeal; open?: Files }): Promise<unknown> {
  return request.seal ? seal(request.world, request.seal) : open(request.world, request.open!);
}

async function seal(world: World, { letter, picture, note }: ToSeal): Promise<Files> {
  const { relay, desk } = world;
  const family = familyKeys(world.code, relay);
  const member = { relay, staff: world.staff, root: unhex(world.root) };
  const { item } = letter.line;
  const bytes = unb64(picture);
  const enclosure = await sealEnclosure({ relay, item, part: 1, bytes, type: "image/png", name: "хата.png" });
  const keys = staffKeys(member.root);
  const own = new Map([
    [staffReader(world.staff), keys.recipient],
    [deskCodeReader(desk.id), desk.recipient],
  ]);
  const sealed = {
    letter: await sealLetter({
      line: { ...letter.line, enclosures: [enclosure.digest] },
      manifest: { ...letter.manifest, reply_to: family.recipient, enclosures: [enclosure.entry] },
      signSeed: family.signSeed,
      recipients: [desk.recipient],
    }),
    picture: enclosure.file,
    note: await sealDocument({
      line: note.line,
      content: utf8(note.text),
      author: { staff: world.staff },
      signSeed: keys.signSeed,
      recipients: [family.recipient],
    }),
    keyring: await sealKeyring(member, [staffCodeIdentity(world.staffCode, relay).recipient, desk.recipient]),
    deskKey: await sealDeskKey({
      key: { relay, desk: desk.id, epoch: desk.epoch, seed: unhex(desk.seed) },
      readers: own,
      by: member,
      directory: parseDirectory(unb64(world.directory)),
    }),
  };
  return Object.fromEntries(Object.entries(sealed).map(([name, file]) => [name, b64(file)])) as unknown as Files;
}

async function open(world: World, files: Files): Promise<unknown> {
  const family = familyKeys(world.code, world.relay);
  const directory = parseDirectory(unb64(world.directory));
  const root = await openKeyring(
    unb64(files.keyring),
    staffCodeIdentity(world.staffCode, world.relay).ageSeed,
    directory,
  );
  const member = staffKeys(root.root);
  const deskKey = await openDeskKey(unb64(files.deskKey), member.ageSeed, directory);
  const letter = await openLetter(unb64(files.letter), deskKey.seed, { vkey: family.vkey });
  const picture = await openEnclosure(unb64(files.picture), letter.line, letter.manifest.enclosures![0]!);
  const note = await openDocument(unb64(files.note), family.ageSeed, { vkey: member.vkey });
  return {
    letter,
    digest: partDigest(unb64(files.letter)),
    picture: b64(picture),
    note: { ...note, content: fromUtf8(note.content) },
    staff: root.staff,
    desk: { id: deskKey.desk, epoch: deskKey.epoch },
  };
}
