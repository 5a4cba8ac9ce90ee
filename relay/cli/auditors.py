"""What auditors, and everybody who may see the log, type: export it, verify it, verify one receipt or one item."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.places import TRUST_FILE, connected, data_of, fingerprint_of, settings_of
from relay.cli.terminal import counted

if TYPE_CHECKING:
    from relay.custody.bundle import Bundle
    from relay.custody.verify import Verified

log = new_group("log", "The custody log: write it out, and print its keys.")
audit = new_group("audit", "Verify the whole log, one receipt, or one item.")

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", metavar="DIR", help="A bundle, as `log export --openings` wrote it.")
]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", metavar="FILE", help="What you saw last: read if it is there, and written anew."),
]
TokenOption = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", help="A token with the scope audit, in place of keyring and code."),
]
ReceiptFile = Annotated[Path, typer.Argument(help="A receipt, as `family write --receipt` kept it.")]


@command(log, "vkey")
async def print_vkey(asked: Asked) -> None:
    """Print the log's verifier keys, by which anybody verifies its checkpoints."""
    from relay.cli.standing import standing_of

    standing = await standing_of(settings_of(asked))
    for vkey, algorithm in zip(standing.log_vkeys, ("ed25519", "mldsa44"), strict=True):
        asked.facts.tell(vkey, vkey=vkey, algorithm=algorithm, origin=standing.origin)


@command(log, "export")
async def export(
    asked: Asked,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the bundle.")],
    openings: Annotated[
        bool, typer.Option("--openings", help="Write what opens the entries too: for auditors only.")
    ] = False,
) -> None:
    """Write the log as a bundle of files that can be verified offline."""
    from relay.cli.standing import storage_of
    from relay.ledger.exporting import export_log

    storage = storage_of(settings_of(asked))
    try:
        written = await export_log(storage, out, with_openings=openings)
    finally:
        await storage.close()
    asked.facts.tell(
        f"{written.size:,} entries, {written.openings:,} openings and {written.documents:,} documents are in {out}.",
        size=written.size,
        openings=written.openings,
        documents=written.documents,
        out=str(out),
    )


@command(audit, "verify")
async def verify_log(
    asked: Asked, bundle: BundleOption = None, state: StateOption = None, token_file: TokenOption = None
) -> None:
    """Verify everything: trust, checkpoint, tree, openings, chains, statements, documents."""
    verified = await _verified(asked, bundle, state=state, token=token_file)
    checkpoint = verified.checkpoint
    facts = asked.facts
    facts.say("Unbroken. Every entry, opening, move, statement and document holds.")
    facts.say(f"  Log         {checkpoint.origin}, {checkpoint.size:,} entries")
    facts.say(f"  Root        {checkpoint.root.hex()}")
    _tell_report(asked, verified)


@command(audit, "report")
async def report_log(
    asked: Asked, bundle: BundleOption = None, state: StateOption = None, token_file: TokenOption = None
) -> None:
    """Verify everything, and tell where items are, how long they waited, and what nobody has acknowledged."""
    _tell_report(asked, await _verified(asked, bundle, state=state, token=token_file))


@command(audit, "item")
async def verify_item(
    asked: Asked,
    item: Annotated[str, typer.Argument(help="The item's id, 32 hex digits.")],
    bundle: BundleOption = None,
    state: StateOption = None,
    token_file: TokenOption = None,
) -> None:
    """Verify everything, and tell the chain of one item."""
    verified = await _verified(asked, bundle, state=state, item=item, token=token_file)
    if not verified.chain:
        asked.facts.say("This log opens no event of that item.")
    _tell_chain(asked, verified)


@command(audit, "receipt")
async def verify_one_receipt(asked: Asked, receipt: ReceiptFile, bundle: BundleOption = None) -> None:
    """Verify a family's receipt: alone, against whom you trust; or within a bundle, against the whole log."""
    if bundle is not None:
        verified = await _verified(asked, bundle, receipt=receipt.read_bytes())
        asked.facts.say("The receipt is proved, and the log it is from is unbroken.")
        if not verified.chain:
            asked.facts.say("All that opened its item has been erased: ask why, if that is sooner than was agreed.")
        _tell_chain(asked, verified)
        return
    from relay.custody.verify import verify_receipt_alone
    from relay.domain.events import parse_event

    held = verify_receipt_alone(receipt.read_bytes(), await _trust_note(asked), fingerprint=fingerprint_of(asked))
    event = parse_event(held.receipt.event)
    asked.facts.tell(
        f"Proved: the log took in item {event.item} on {event.day}, with {counted(len(event.parts), 'sealed file')}.\n"
        "That it has not been rewritten since, only an audit of the whole log shows.",
        item=event.item,
        event=event.event,
        day=event.day,
        size=held.checkpoint.size,
        origin=held.checkpoint.origin,
    )


async def _verified(
    asked: Asked,
    bundle: Path | None,
    *,
    state: Path | None = None,
    item: str | None = None,
    receipt: bytes | None = None,
    token: Path | None = None,
) -> "Verified":
    """Verify the evidence, and keep its checkpoint for the next time if that was asked for."""
    from relay.client.clock import now
    from relay.client.keyfiles import replace_private
    from relay.custody.verify import verify

    evidence = await _evidence(asked, bundle, token)
    seen = _read_if_there(state)
    verified = verify(evidence, fingerprint=fingerprint_of(asked), seen=seen, at=now(), item=item, receipt=receipt)
    if state is not None:
        replace_private(state, verified.note)
    return verified


async def _evidence(asked: Asked, bundle: Path | None, token: Path | None) -> "Bundle":
    """
    Take the evidence from a folder, or fetch it from the relay: by a program's token, or as an auditor who signs in.

    Raises:
        WrongUsage: There is neither a folder nor a token nor a keyring.
        FileMissing: There is no such folder.
    """
    from relay.client.bundles import DirectoryBundle
    from relay.client.keyfiles import FileMissing

    if bundle is not None:
        if not _is_folder(bundle):
            raise FileMissing(f"there is no folder {bundle}")
        return DirectoryBundle(bundle)
    from relay.client.auditors import Auditor, EvidenceReader
    from relay.client.keyfiles import read_secret

    if token is not None:
        bearer = read_secret(token).decode("ascii", errors="replace").strip()
        async with connected(asked) as (connection, book):
            return await EvidenceReader(connection, book, bearer).fetch()
    if asked.keyring is None:
        raise WrongUsage(
            "name a bundle with --bundle DIR; or --relay with --token-file, or with --keyring and --code-file, "
            "to fetch the evidence"
        )
    from relay.cli.working import working

    async with working(asked) as session:
        return await Auditor(session).fetch()


def _is_folder(path: Path) -> bool:
    return path.is_dir()


def _read_if_there(path: Path | None) -> bytes | None:
    return path.read_bytes() if path is not None and path.exists() else None


def _tell_report(asked: Asked, verified: "Verified") -> None:
    from relay.cli.reports import tell_report

    checkpoint = verified.checkpoint
    asked.facts.tell(
        "\n".join(tell_report(verified.report)),
        verified=True,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        report=verified.report.plain(),
    )


def _tell_chain(asked: Asked, verified: "Verified") -> None:
    from relay.domain.events import parse_detail, parse_event

    for link in verified.chain:
        event, detail = parse_event(link.event), parse_detail(link.detail)
        asked.facts.tell(
            f"  {link.index:>8}  {detail['at']}  {event.event:<14} {event.giver} to {event.taker}",
            index=link.index,
            item=event.item,
            event=event.event,
            at=detail["at"],
            giver=event.giver,
            taker=event.taker,
        )


async def _trust_note(asked: Asked) -> bytes:
    """Find the trust note: the file that was named, the data folder's, or the relay's."""
    for path in (Path(asked.trust or ""), data_of(asked) / TRUST_FILE):
        if path.is_file():
            return path.read_bytes()
    async with connected(asked) as (connection, _):
        return (await connection.get("/trust")).body
