"""A checker of what the door has written: it rebuilds the whole log from its entries after each test."""

import hashlib
import hmac
from collections import defaultdict
from pathlib import Path

from keys.directory import fingerprint
from keys.notes import Vkey
from relay.client.bundles import DirectoryBundle
from relay.custody.checkpoint import verify_checkpoint
from relay.custody.entry import (
    ClearEntry,
    CommittedEntry,
    CustodyEntry,
    Entry,
    ErasureEntry,
    SiteEntry,
    commitment,
    parse_entry,
    tag,
)
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import TILE_WIDTH, hash_tiles
from relay.custody.verify import Verified, verify
from relay.domain.events import event_digest, parse_detail, parse_event
from relay.domain.items import Item
from relay.ledger.exporting import export_log
from relay.ledger.logkey import LogKey
from relay.storage import custody_log
from relay.storage.custody_log import Head, Opening
from relay.storage.engine import Storage
from relay.storage.items import load_items
from relay.storage.parts import load_document
from tests.ledger.world import World


async def audited(world: World, folder: Path) -> Verified:
    """
    Export a relay's evidence and verify it as an auditor does, from the root's fingerprint on.

    Raises:
        EvidenceBroken: The door has written something that the auditors do not accept.
    """
    await export_log(world.storage, folder, with_openings=True)
    return verify(DirectoryBundle(folder), fingerprint=fingerprint(world.relay, world.cast.root.vkey.public))


async def check_log(storage: Storage, key: LogKey) -> int:
    """
    Require that head, entries, tiles, openings, items and documents agree, byte for byte.

    Returns:
        The log's size.
    """
    async with storage.read() as connection:
        head = await custody_log.load_head(connection)
        assert head is not None
        entries = await custody_log.load_entries(connection, head.generation, start=0, stop=2**53)
        openings = await custody_log.load_openings(connection, start=0, stop=2**53)
        assert len(entries) == head.size, "the log has as many entries as its head says"
        leaves = [leaf_hash(entry) for entry in entries]
        _check_root(head, leaves, key)
        for tile in hash_tiles(head.size):
            if tile.width == TILE_WIDTH:
                stored = await custody_log.load_tiles(
                    connection, head.generation, level=tile.level, start=tile.index, stop=tile.index + 1
                )
                assert stored[tile.index] == _tile(leaves, tile.level, tile.index), "every full tile is stored"
        parsed = [parse_entry(entry) for entry in entries]
        _check_openings(parsed, openings)
        items = await load_items(connection, {opening.item for opening, _ in openings})
        _check_chains([opening for opening, _ in openings], {name: item for name, (item, _) in items.items()})
        for opening, _ in openings:
            statement = parse_detail(opening.detail).get("statement")
            assert statement is None or await load_document(connection, statement), "every statement is kept"
        return head.size


def _check_root(head: Head, leaves: list[bytes], key: LogKey) -> None:
    signed = verify_checkpoint(head.checkpoint, [key.signer.vkey, Vkey.parse(key.vkeys[1])], origin=head.origin)
    assert (signed.checkpoint.size, signed.checkpoint.root) == (head.size, tree_root(leaves))


def _tile(leaves: list[bytes], level: int, index: int) -> bytes:
    width = TILE_WIDTH**level
    start = index * TILE_WIDTH * width
    below = [leaves[at : at + width] for at in range(start, start + TILE_WIDTH * width, width)]
    return b"".join(tree_root(subtree) for subtree in below)


def _check_openings(entries: list[Entry], openings: list[tuple[Opening, bytes | None]]) -> None:
    by_index = {opening.log_index: (opening, key) for opening, key in openings}
    erased = {index for entry in entries if isinstance(entry, ErasureEntry) for index in entry.indexes}
    for index, entry in enumerate(entries):
        if not isinstance(entry, CustodyEntry):
            assert isinstance(entry, ClearEntry | CommittedEntry | ErasureEntry | SiteEntry)
            assert index not in by_index, "only custody entries have openings"
            continue
        assert (index in by_index) != (index in erased), "a custody entry has an opening, or was erased"
        if index in by_index:
            opening, key = by_index[index]
            assert key is not None
            assert entry.tag == tag(key, opening.seq)
            assert entry.commitment == commitment(opening.event_nonce, opening.event.encode())
            mac = hmac.digest(opening.detail_nonce, opening.detail.encode(), "sha256").hex()
            assert parse_event(opening.event).detail == mac
            if opening.seq == 0:
                assert parse_detail(opening.detail)["tag_key"] == hashlib.sha256(key).hexdigest()


def _check_chains(openings: list[Opening], items: dict[str, Item]) -> None:
    chains: dict[str, list[Opening]] = defaultdict(list)
    for opening in openings:
        chains[opening.item].append(opening)
    assert chains.keys() == items.keys()
    for name, chain in chains.items():
        events = [parse_event(opening.event) for opening in chain]
        assert [event.seq for event in events] == list(range(len(events)))
        digests = [None, *(event_digest(opening.event) for opening in chain)]
        assert [event.prev for event in events] == digests[:-1]
        last = parse_detail(chain[-1].detail)
        item = items[name]
        stands = (item.seq, item.head, item.parts, item.state.value)
        assert stands == (len(events) - 1, digests[-1], events[-1].parts, last["state"])
