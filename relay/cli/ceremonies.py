"""What operators and new members type to bring keys, trust and directory into being, each on their own machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.places import TRUST_FILE, code_of, connected, data_of, operator_token, relay_url, settings_of

if TYPE_CHECKING:
    pass

root = new_group("root", "The root key: made and used offline; it signs trust.")
trust = new_group("trust", "Trust: the page that says whose keys count.")
directory = new_group("directory", "The directory: desks, keys and staff, signed by k operators.")
directory_key = new_group("key", "An operator's own key for the directory.")
directory.add_typer(directory_key)
staff = new_group("staff", "Members of staff.")
desk = new_group("desk", "Desks and their keys.")

RelayId = Annotated[str, typer.Option("--relay-id", metavar="HEX", help="The relay's id, as `init` printed it.")]
OutFile = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file to write.")]
OutFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder to write.")]


@command(root, "new")
def new_root(asked: Asked, relay_id: RelayId, out: OutFile) -> None:
    """Make the root key, on a machine that is offline and stays so."""
    from keys.directory import fingerprint
    from relay.client.ceremony import new_root_key
    from relay.client.ceremonyfiles import write_signing_key

    key = new_root_key(checked_id(relay_id))
    write_signing_key(out, key)
    printed = fingerprint(relay_id, key.vkey.public)
    asked.facts.tell(
        f"{key.vkey}\nFingerprint for address cards, receipts and leaflets:\n  {grouped(printed)}",
        vkey=str(key.vkey),
        fingerprint=printed,
        file=str(out),
    )


@command(root, "sign")
def sign_trust_draft(
    asked: Asked,
    draft: Annotated[Path, typer.Argument(help="What `trust draft` wrote.")],
    key: Annotated[Path, typer.Option("--root-key", metavar="FILE", help="The root's key file.")],
    out: OutFile,
) -> None:
    """Sign a trust page with the root key, offline."""
    from keys.directory import parse_trust, sign_trust
    from relay.client.ceremonyfiles import read_signing_key
    from relay.client.keyfiles import write_secret

    page = parse_trust(draft.read_text(encoding="utf-8"))
    write_secret(out, sign_trust(page, read_signing_key(key).signer))
    asked.facts.tell(
        f"Signed version {page.version}; take {out} to the relay and `letter-relay trust publish` it.",
        version=page.version,
        fingerprint=page.fingerprint,
        file=str(out),
    )


@command(directory_key, "new")
def new_key(
    asked: Asked,
    relay_id: RelayId,
    number: Annotated[int, typer.Option("--number", min=0, help="Which of the operators' keys this is.")],
    out: OutFile,
) -> None:
    """Make an operator's key for the directory, on the operator's own machine."""
    from relay.client.ceremony import new_directory_key
    from relay.client.ceremonyfiles import write_signing_key

    key = new_directory_key(checked_id(relay_id), number)
    write_signing_key(out, key)
    asked.facts.tell(str(key.vkey), vkey=str(key.vkey), file=str(out))


@command(trust, "draft")
async def draft_trust_page(
    asked: Asked,
    *,
    root_vkey: Annotated[str, typer.Option("--root", metavar="VKEY", help="The root's verifier key.")],
    directory_vkeys: Annotated[
        list[str], typer.Option("--directory-key", metavar="VKEY", help="A directory key's verifier key; repeat it.")
    ],
    out: OutFile,
    k: Annotated[int, typer.Option("--k", min=1, help="How many operators must sign a directory.")] = 1,
) -> None:
    """Write down whose keys count, for the root to sign; run it beside the relay's data folder."""
    from keys.directory import encode_trust
    from keys.notes import Vkey
    from relay.cli.standing import standing_of
    from relay.client.ceremony import draft_trust
    from relay.client.keyfiles import write_secret

    standing = await standing_of(settings_of(asked))
    page = draft_trust(
        standing.relay,
        Vkey.parse(root_vkey),
        [Vkey.parse(vkey) for vkey in standing.log_vkeys],
        [Vkey.parse(vkey) for vkey in directory_vkeys],
        k=k,
        version=standing.trust_version + 1,
    )
    write_secret(out, encode_trust(page).encode())
    asked.facts.tell(
        f"Drafted version {page.version}; take {out} to the offline machine and `letter-relay root sign` it.",
        version=page.version,
        fingerprint=page.fingerprint,
        file=str(out),
    )


@command(trust, "publish")
async def publish_trust(asked: Asked, note: Annotated[Path, typer.Argument(help="What `root sign` wrote.")]) -> None:
    """Publish a signed trust page; it becomes an entry of the log at once."""
    from relay.client.keyfiles import read_fingerprint, replace_private
    from relay.client.operators import Operator
    from relay.client.transport import Connection

    signed = note.read_bytes()
    printed = read_fingerprint(str(note))
    async with Connection(relay_url(asked)) as connection:
        index = await Operator(connection, operator_token(asked)).publish_trust(signed)
    replace_private(data_of(asked) / TRUST_FILE, signed)
    asked.facts.tell(
        f"Trust is entry {index} of the log. Fingerprint: {grouped(printed)}", index=index, fingerprint=printed
    )


@command(directory, "publish")
async def publish_directory(
    asked: Asked,
    notes: Annotated[list[Path], typer.Argument(help="What each operator's `directory sign` wrote.")],
    document: Annotated[Path, typer.Option("--document", metavar="FILE", help="The directory.json that was signed.")],
    folders: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", metavar="DIR", help="A new member's or desk's folder, whose sealed keys go along; repeat it."
        ),
    ] = None,
) -> None:
    """Join the operators' signatures and publish the directory, with the sealed keys of whoever is new."""
    from keys.directory import merge_directory_notes
    from relay.client.ceremonyfiles import KEYRING, read_member, read_sealed_keys
    from relay.client.operators import Operator
    from relay.client.transport import OCTETS, Connection

    token = operator_token(asked)
    async with Connection(relay_url(asked)) as connection:
        operator = Operator(connection, token)
        merged = merge_directory_notes([note.read_bytes() for note in notes])
        index = await operator.publish_directory(merged, document.read_bytes())
        for folder in folders or []:
            for sealed in read_sealed_keys(folder):
                await operator.put_desk_key(sealed)
            if (folder / KEYRING).exists():
                path = f"/operator/keyrings/{read_member(folder).member.id}"
                await connection.send("PUT", path, (folder / KEYRING).read_bytes(), media_type=OCTETS, bearer=token)
    asked.facts.tell(f"The directory is entry {index} of the log, and in force.", index=index)


@command(directory, "show")
async def show_directory(asked: Asked) -> None:
    """Fetch the directory in force, verify it, and print it."""
    async with connected(asked) as (_, book):
        found = book.directory
    facts = asked.facts
    facts.say(f"Directory version {found.version}, verified. Families seal to desk {found.intake}.")
    for one in found.desks:
        where = f" of {one.side}" if one.side else ""
        key = "keyless, on signed paper" if one.keyless else f"epoch {one.epochs[-1].epoch}"
        facts.tell(
            f"  desk  {one.id}  {one.kind}{where}, {key}",
            desk=one.id,
            kind=one.kind,
            side=one.side,
            keyless=one.keyless,
            epoch=one.epochs[-1].epoch if one.epochs else None,
        )
    for member in found.staff:
        facts.tell(
            f"  staff {member.id}  {', '.join(member.roles)}",
            staff=member.id,
            person=member.person,
            roles=list(member.roles),
            desks=list(member.desks),
        )


@command(desk, "open")
def open_new_desk(
    asked: Asked,
    *,
    relay_id: RelayId,
    kind: Annotated[str, typer.Option("--kind", help="review, facility or bureau.")],
    out: OutFolder,
    side: Annotated[str | None, typer.Option("--side", help="The party it belongs to; none for a review desk.")] = None,
    keyless: Annotated[bool, typer.Option("--keyless", help="A facility without computers.")] = False,
) -> None:
    """Make a desk with its first key, on a member's machine; `desk admit` seals the key to its members."""
    from keys.directory import DESK_KINDS
    from relay.client.ceremony import keyless_desk, open_desk
    from relay.client.ceremonyfiles import DESK_CODE, write_desk, write_desk_line
    from relay.client.clock import now

    if kind not in DESK_KINDS or (side is None) != (kind == "review") or (keyless and kind != "facility"):
        raise WrongUsage("a review desk has no side, a facility and a bureau have one; only a facility is keyless")
    if keyless and side is not None:
        made = keyless_desk(side)
        write_desk_line(out, made)
    else:
        opened = open_desk(checked_id(relay_id), kind, side=side, since=now())
        write_desk(out, opened)
        made = opened.desk
        asked.facts.say(f"Print {out / DESK_CODE}, lock the paper away, and delete the file.")
    asked.facts.tell(f"The desk is {made.id}.", desk=made.id, kind=kind, side=side, keyless=keyless, folder=str(out))


def admit_at_opening(asked: Asked, folder: Path, document: Path, members: Sequence[Path]) -> None:
    """
    Seal a desk's key to its members and to its recovery code by hand, before the relay runs.

    Args:
        folder: The desk's, with its key.
        document: The directory.json that names the members.
        members: Their folders.
    """
    from keys.directory import parse_directory
    from relay.client.ceremony import OpenedDesk, seal_desk
    from relay.client.ceremonyfiles import DESK_CODE, read_desk_key, read_member, write_sealed_keys
    from relay.client.keyfiles import read_code, read_secret
    from relay.client.operators import unlock

    if asked.keyring is None:
        raise WrongUsage("this command needs --keyring, your own, to sign what it seals")
    listed = parse_directory(document.read_bytes())
    key = read_desk_key(folder)
    by = unlock(read_secret(asked.keyring), code_of(asked), key.relay, directory=listed)
    opened = OpenedDesk(listed.desk(key.desk), key, read_code(str(folder / DESK_CODE)))
    named = [read_member(one) for one in members]
    readers = {one.member.id: one.recipient for one in named}
    sealed = seal_desk(opened, readers, by=by, directory=listed)
    write_sealed_keys(folder, sealed)
    asked.facts.tell(
        f"Sealed to {len(readers)} members; now delete {folder / 'desk.key'}: it is in their keyrings' reach.",
        desk=key.desk,
        epoch=key.epoch,
        members=len(readers),
    )


def checked_id(relay_id: str) -> str:
    """Require 32 lower-case hex digits, as `init` and the directory print ids."""
    from keys.ids import is_id

    if not is_id(relay_id):
        raise WrongUsage("an id is 32 lower-case hex digits, as `init` and `directory show` print them")
    return relay_id


def grouped(digits: str) -> str:
    """Write digits in groups of four, for people to compare."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
