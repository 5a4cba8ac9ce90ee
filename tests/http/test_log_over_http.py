"""The custody log as the public gets it: C2SP tlog-tiles over HTTP, which somebody else's client verifies."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey as TheirVkey
from tlog_scales.signing import VkeySet

from keys.notes import Vkey
from relay.custody.checkpoint import verify_checkpoint
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import TileId, entry_bundles, hash_tiles, parse_bundle, tile_path
from relay.http.auditors import _AT_ONCE
from tests.http.relay_world import ServedWorld, a_checked_world

SIZE = 300


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


async def _grown(world: ServedWorld, size: int = SIZE) -> None:
    """Let the log grow through the door itself, which is quicker, and publish it."""
    letters = [world.letter(world.family(f"family {n % 7}")) for n in range(size - world.ledger.head.size)]
    await asyncio.gather(*map(world.ledger.submit, letters))
    assert await world.served.publisher.publish() == size


async def test_a_checkpoint_is_text_that_nobody_keeps(world: ServedWorld):
    """Signed with both keys, and asked for anew each time."""
    await _grown(world)

    response = await world.ask("GET", "/log/1/checkpoint")

    assert (response.status, response.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.headers["Cache-Control"] == "no-store"
    vkeys = [Vkey.parse(vkey) for vkey in world.founded.key.vkeys]
    verified = verify_checkpoint(await response.read(), vkeys, origin=world.cast.origin)
    assert (verified.checkpoint.size, len(verified.by)) == (SIZE, 2)


async def test_every_tile_and_bundle_makes_the_published_tree(world: ServedWorld):
    """Full and partial, hashes and entries: bytes that may be kept for ever, each of the size its path promises."""
    await _grown(world)
    leaves = b""
    for tile in hash_tiles(SIZE):
        response = await world.ask("GET", f"/log/1/{tile_path(tile)}")
        body = await response.read()
        assert (response.status, len(body)) == (200, 32 * tile.width)
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Cache-Control"] == "public, max-age=604800, immutable"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        leaves += body if tile.level == 0 else b""
    entries: list[bytes] = []
    for bundle in entry_bundles(SIZE):
        response = await world.ask("GET", f"/log/1/{tile_path(bundle)}")
        assert response.headers["Content-Type"] == "application/octet-stream"
        entries += parse_bundle(await response.read(), bundle.width)

    assert [tile_path(tile) for tile in hash_tiles(SIZE)] == ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]
    assert b"".join(map(leaf_hash, entries)) == leaves
    assert tree_root(list(map(leaf_hash, entries))) == world.ledger.edge.root()


async def test_what_is_not_published_is_not_there(world: ServedWorld):
    """A tile beyond the published size, another generation, a level that does not exist yet."""
    await _grown(world)
    await world.send()

    for path in ("tile/0/001.p/45", "tile/0/001", "tile/0/002", "tile/1/000.p/2", "tile/2/000.p/1", "tile/entries/001"):
        await world.refused(await world.ask("GET", f"/log/1/{path}"), 404, "not_found")
    await world.refused(await world.ask("GET", "/log/2/checkpoint"), 404, "not_found")
    await world.refused(await world.ask("GET", "/log/2/tile/0/000"), 404, "not_found")
    assert (await world.ask("GET", "/log/1/tile/0/001.p/44")).status == 200


@pytest.mark.parametrize(
    "path", ["tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/64/000", "tile/x/000", "tile/0/"]
)
async def test_what_is_no_path_of_a_tile(world: ServedWorld, path: str):
    """Only one way to write each."""
    await world.refused(await world.ask("GET", f"/log/1/{path}"), 400, "tile_path_malformed")


async def test_an_older_partial_tile_is_still_there(world: ServedWorld):
    """Whoever verified yesterday's checkpoint can go on from there."""
    await _grown(world)

    older = await (await world.ask("GET", f"/log/1/{tile_path(TileId(0, 1, 7))}")).read()
    newer = await (await world.ask("GET", f"/log/1/{tile_path(TileId(0, 1, 44))}")).read()

    assert (len(older), older) == (7 * 32, newer[: 7 * 32])


async def test_another_client_verifies_the_log_over_http(world: ServedWorld):
    """tlog-scales, by somebody else: signatures, the root over all tiles, entries and their proofs."""
    await _grown(world)

    await asyncio.to_thread(_verify_as_others_do, world, str(world.client.make_url("/log/1")))


def _verify_as_others_do(world: ServedWorld, base: str) -> None:
    backend = HttpBackend(base)
    try:
        reader = TilesReader(backend)
        theirs = reader.get_checkpoint()
        vkeys = [TheirVkey.from_string(vkey) for vkey in world.founded.key.vkeys]
        assert len(VkeySet(*vkeys).verify(theirs.signatures, theirs)) == 2
        assert (theirs.origin, theirs.size) == (world.cast.origin, SIZE)
        assert reader.calculate_root_hash() == theirs.root_hash == world.ledger.edge.root()
        for index in (0, 1, 255, 256, SIZE - 1):
            reader.get_inclusion_proof(index, SIZE).check(leaf_hash(reader.get_entry(index)), theirs.root_hash)
    finally:
        backend.session.close()


async def test_auditors_get_an_opening_for_every_custody_entry(world: ServedWorld):
    """And the register's: one a line, by index, up to the published size and across the pages they are read in."""
    await _grown(world, _AT_ONCE + 10)
    await world.send()

    whole = await world.ask("GET", f"/audit/openings?start=0&limit={_AT_ONCE + 20}", by="aud")
    lines = (await whole.text()).splitlines()
    some = await world.ask("GET", "/audit/openings?start=5&limit=2", by="aud")

    assert whole.headers["Content-Type"] == "application/jsonl"
    assert [int(line.split('"index":')[1].split(",")[0]) for line in lines] == list(range(2, _AT_ONCE + 10))
    assert (await some.text()).splitlines() == lines[3:5]


async def test_head_of_a_long_answer_has_no_body(world: ServedWorld):
    """On a connection that is kept, a body after HEAD would be read as the next answer."""
    await world.send()
    await world.served.publisher.publish()
    headers = {"Authorization": f"Bearer {await world.bearer('aud')}"}

    for _ in range(2):
        response = await world.client.head("/audit/openings", headers=headers)
        assert (response.status, await response.read()) == (200, b"")
    assert (await world.ask("GET", "/trust")).status == 200


async def test_documents_are_there_by_their_digest(world: ServedWorld):
    """The statement that an opening names, verbatim; what nobody signed is not there."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.served.publisher.publish()
    openings = await (await world.ask("GET", "/audit/openings", by="aud")).text()
    (digest,) = re.findall(r'"statement\\":\\"([0-9a-f]{64})', openings)

    document = await world.ask("GET", f"/documents/{digest}", by="aud")

    assert document.headers["Content-Type"] == "application/octet-stream"
    assert (await document.read()).startswith(b"letter-relay/statement/v1 claim\n")
    await world.refused(await world.ask("GET", f"/documents/{'cd' * 32}", by="aud"), 404, "not_found")


async def test_trust_and_directory_are_served_verbatim(world: ServedWorld):
    """The bytes that root and operators signed, and nothing around them but JSON."""
    note, document = world.cast.directory()

    trust = await world.ask("GET", "/trust")
    directory = await world.read("/directory")

    assert await trust.read() == world.cast.trust(world.founded.key.vkeys)
    assert directory == {"note": note.decode(), "document": document.decode()}
