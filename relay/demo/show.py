"""Run the demo: make the world, serve it, tell the story in nine numbered steps, and go on serving."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from config.settings import Settings
from keys.codes import show_code
from keys.errors import Fatal
from keys.firstlines import parse_line, split_first_line
from relay.client.ceremonyfiles import write_code
from relay.client.keyfiles import write_secret
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.demo.audit import audit, flip_one_byte, published
from relay.demo.cast import Cast
from relay.demo.playbill import BANNER
from relay.demo.search import search_files
from relay.demo.stage import Stage
from relay.demo.story import (
    Play,
    family_of,
    hand_over,
    open_doors,
    pack_bags,
    review_letters,
    review_replies,
    write_letters,
    write_replies,
)
from relay.demo.world import PEOPLE, make_world
from relay.http.app import serve
from relay.http.site import BUILT

CODES_FILE: Final = "demo-codes.txt"
BUNDLE: Final = "audit"
_MOMENT_SECONDS: Final = 0.01
#: Where the commands look for a relay that nobody has named.
_USUAL_URL: Final = "http://127.0.0.1:8080"


class SecretFound(Fatal):
    """The relay's disk holds something that it must not be able to know."""

    code = "secret_found"
    cure = "Do not use this version of the relay; please report this at once."


async def run_demo(settings: Settings, cast: Cast, stage: Stage, *, once: bool, stop: asyncio.Event) -> None:
    """
    Tell the story against a relay of its own, and serve until told to stop.

    Args:
        settings: Those of config/demo.toml, with the data folder to use.
        cast: Whose story it is.
        stage: Where it is told.
        once: Whether to end after the story.
        stop: Set by Ctrl-C.

    Raises:
        AlreadyFounded: There is a relay in the data folder already.
        EvidenceBroken: The evidence of the story does not hold, which must not be.
    """
    world = await make_world(settings, cast)
    async with _served(settings, any_port=once) as url, Connection(url) as connection:
        play = Play(world, cast, connection, TrustBook(world.fingerprint))
        await open_doors(play)
        await _tell(play, settings, stage)
        write_codes(play, url)
        _close(stage, play, url, once=once)
        if not once:
            await stop.wait()


async def serve_again(settings: Settings, stage: Stage, *, stop: asyncio.Event) -> None:
    """Serve a demo world whose story was told before."""
    async with _served(settings, any_port=False) as url:
        stage.title("LETTER RELAY · the demo world, again", BANNER)
        stage.plain(f"It was made before and lies in {settings.relay.data_dir}; remove that folder for a new one.")
        stage.gap()
        _addresses(stage, url)
        stage.fact("Codes", f"{settings.relay.data_dir / CODES_FILE}")
        await stop.wait()


@asynccontextmanager
async def _served(settings: Settings, *, any_port: bool) -> AsyncIterator[str]:
    """Serve beside the block, and end with it; gives the address."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    def answer(addresses: Sequence[str]) -> None:
        ready.set_result(addresses[0])

    port = 0 if any_port or not _is_free(settings.http.host, settings.http.port) else settings.http.port
    settings = settings.model_copy(update={"http": settings.http.model_copy(update={"port": port})})
    serving = asyncio.create_task(serve(settings, stop=over, ready=answer), name="the demo's relay")
    try:
        while not ready.done():
            if serving.done():
                serving.result()
            await asyncio.sleep(_MOMENT_SECONDS)
        yield ready.result()
    finally:
        over.set()
        await serving


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


# ---------------------------------------------------------------- the nine steps


async def _tell(play: Play, settings: Settings, stage: Stage) -> None:
    await _letter_sealed(play, stage)
    await _not_in_database(play, settings, stage)
    _receipt_verified(play, stage)
    await _reviewed(play, stage)
    await _bagged(play, stage)
    await _delivered(play, stage)
    size = await _reply_read(play, stage)
    await _audited(play, stage, size)
    await _tampered(play, stage)


async def _letter_sealed(play: Play, stage: Stage) -> None:
    hero = play.hero
    stage.step("A letter is sealed")
    stage.say("Ruth writes to her brother Tom, and puts in Edie's drawing of the dog:")
    stage.quote(hero.text.split("\n\n")[2])
    await write_letters(play, [hero])
    await write_letters(play, [letter for letter in play.cast.letters if letter is not hero])
    part = await _part_zero(play)
    stage.say("It is sealed on her machine, to the mediator. The relay can read one line of it:")
    line = parse_line(split_first_line(part))
    stage.fact(
        "What", f"a {line.kind} with {len(line.enclosures)} enclosure, from {line.hop.replace('>', ' to ')} desk"
    )
    stage.fact("For", f"detainee number {line.detainee}, whoever that is")
    stage.fact("And then", f"{len(part) - len(split_first_line(part)):,} bytes that only the mediator's desk can open")
    pictures = sum(len(letter.pictures) for letter in play.cast.letters)
    stage.done(f"{len(play.sent)} letters with {pictures} drawings are in, from {len(play.families)} families.")


async def _part_zero(play: Play) -> bytes:
    """Take Ruth's letter from the relay's queue as the mediator gets it: still sealed."""
    accepted = play.sent[play.hero.key]
    offered = await play.reviewer("Ann").offers(play.world.numbers[play.hero.about])
    row = next(row for row in offered if row.item == accepted.item)
    return (await play.sessions["Ann"].fetch(row.parts[:1]))[row.digests[0]]


async def _not_in_database(play: Play, settings: Settings, stage: Stage) -> None:
    stage.step("The relay does not know what it carries")
    code, held = play.codes[play.hero.writer], play.cast.held[play.hero.about]
    number = play.world.numbers[play.hero.about]
    secrets = {
        "the words “Biscuit has discovered the river”": ["Biscuit has discovered the river"],
        f"the name {held.name}, in either alphabet": [held.name, f"{held.row['surname_cyr']} {held.row['given_cyr']}"],
        "Ruth's receipt code": [code, show_code(code)],
    }
    files = sorted(path for path in settings.relay.data_dir.glob("relay.db*") if path.is_file())
    searched = await asyncio.to_thread(search_files, files, {**secrets, "number": [number]})
    size = f"{searched.size_bytes / 1_048_576:.1f} MB"
    stage.say(f"We search its whole database on the disk, journal included, {size}, in every spelling we know:")
    for name in secrets:
        if searched.found[name]:
            raise SecretFound
        stage.done(f"{name}: not there")
    stage.say(f"Tom's number is there {searched.found['number']} times, as it must be: so the search does see.")


def _receipt_verified(play: Play, stage: Stage) -> None:
    stage.step("The receipt is verified")
    accepted = play.sent[play.hero.key]
    verified = family_of(play, play.hero.writer).verify(accepted.receipt)
    stage.say(
        "Before Ruth's machine says “accepted”, it proves that the public log has her letter, under keys that "
        "the fingerprint on her address card vouches for."
    )
    stage.fact("Fingerprint", f"{play.world.fingerprint[:32]}…")
    stage.fact("Log entry", f"number {verified.index}, under a signed checkpoint of {verified.checkpoint.size}")
    stage.done("The receipt holds. She keeps it; nobody can take the letter out of the log again.")


async def _reviewed(play: Play, stage: Stage) -> None:
    stage.step("The mediator reads")
    reviewed = await review_letters(play)
    stage.say("Ann, Ben and Cyd sit at the one desk that can open letters. Each decision is signed.")
    stage.done(f"{reviewed.passed} letters are passed, each sealed anew to the house where the addressee is.")
    stage.done(f"{reviewed.excised} of them without one sentence: about a bridge, about a regiment.")
    stage.done(
        f"{reviewed.returned} returned with a note: a knitting pattern looks like a cipher. She may write again."
    )
    stage.done(
        f"{reviewed.withheld} withheld: a stranger wants money for a freedom he cannot sell. It took two persons."
    )
    stage.done(f"{reviewed.matched} had no number, only a name and a scar. The register knows him: {reviewed.found}.")


async def _bagged(play: Play, stage: Stage) -> None:
    stage.step("Bags are packed")
    for house, sizes in (await pack_bags(play)).items():
        bags = f"{len(sizes)} bags" if len(sizes) > 1 else "1 bag"
        stage.done(f"{house}: {bags}, {sum(sizes)} letters, released under Ben's signature")


async def _delivered(play: Play, stage: Stage) -> None:
    stage.step("Letters are handed over")
    handed = await hand_over(play)
    letter = handed[play.house_of(play.hero)].read[play.sent[play.hero.key].item]
    for house, done in handed.items():
        how = "on paper: Ben signs, with the scan of the signed sheet" if done.keyless else f"{done.by} signs for them"
        stage.done(f"{house}: {done.letters} received and delivered; {how}")
    checked = "its reviewer's signature holds" if letter.authenticity.trustworthy else letter.authenticity
    stage.say(f"Odo prints Ruth's letter, with Edie's drawing ({checked}):")
    stage.quote(letter.text.split("\n\n")[4])


async def _reply_read(play: Play, stage: Stage) -> int:
    """Tell of the reply; returns how long the log is when it has been collected."""
    stage.step("A reply comes back")
    written = await write_replies(play)
    passed = await review_replies(play)
    family = family_of(play, play.hero.writer)
    items = await family.status()
    ready = [item for item in items if item.word == "ready"]
    replies = [await family.read(item) for item in ready]
    moves = await family.collect(ready)
    stage.say("Tom's answer goes the same way back. Ruth opens it with nothing but her receipt code:")
    stage.quote(replies[0].letter.manifest.text.split("\n\n")[2])
    stage.done(f"{passed} replies are ready; only the codes of their families open them.")
    if len(written) > passed:
        stage.done(f"{len(written) - passed} has nobody to answer yet. It waits at the desk, for you to try.")
    return moves[-1].index + 1


async def _audited(play: Play, stage: Stage, size: int) -> None:
    stage.step("Both sides audit")
    await published(play.sessions["Arn"], size)
    folder = play.world.folder / BUNDLE
    fingerprint = play.world.fingerprint
    for name, side in (("Arn", "Ardenia"), ("Vel", "Velmark")):
        verified = await audit(play.sessions[name], folder / name.lower(), fingerprint=fingerprint)
        report = verified.report
        stage.done(
            f"{name}, for {side}: {verified.checkpoint.size:,} entries, {sum(report.events.values()):,} moves, "
            "every signature: unbroken."
        )
    stage.say("They saw who held which letter, and when. They never saw a word of one, nor a name.")


async def _tampered(play: Play, stage: Stage) -> None:
    stage.step("Somebody changes one byte")
    folder = play.world.folder / BUNDLE
    flipped = await asyncio.to_thread(
        flip_one_byte,
        folder / "arn",
        folder / "arn-changed",
        item=play.sent[play.hero.key].item,
        fingerprint=play.world.fingerprint,
    )
    stage.say(
        f"In a copy of Arn's evidence we move the day of Ruth's letter: byte {flipped.position:,} of {flipped.file}."
    )
    stage.refused(f"The audit stops at {flipped.message}.")
    stage.say("Nobody has to trust the relay for that, or us: the audit is in docs/spec/audit.md, step by step.")


# ---------------------------------------------------------------- the end


def write_codes(play: Play, url: str) -> None:
    """Write down all codes of the demo, for whoever plays with it; in life nobody has two of them."""
    folder = play.world.folder
    families = folder / "families"
    families.mkdir(mode=0o700, exist_ok=True)
    write_code(families / "ruth.txt", play.codes[play.hero.writer])
    lines = [BANNER, "", f"Relay        {url}", f"Fingerprint  {play.world.fingerprint}", "", "Receipt codes", ""]
    lines += [f"  {show_code(code)}  {writer}" for writer, code in play.codes.items()]
    lines += ["", "Staff codes", ""]
    for person in PEOPLE:
        enrolled = play.world.staff[person.name]
        lines.append(f"  {show_code(enrolled.code)}  {person.name}, {person.title} ({enrolled.member.id})")
    lines += ["", "Detainee numbers", ""]
    lines += [
        f"  {number}  {held.name}, {held.facility}, {held.status}"
        for number, held in zip(play.world.numbers, play.cast.held, strict=True)
    ]
    write_secret(folder / CODES_FILE, ("\n".join(lines) + "\n").encode())


def _close(stage: Stage, play: Play, url: str, *, once: bool) -> None:
    folder = play.world.folder
    stage.gap()
    stage.banner(BANNER)
    stage.plain("Everything above is real but the people: HTTP, keys, signatures, log, audit.")
    stage.gap()
    if once:
        return
    ann = play.world.staff["Ann"]
    _addresses(stage, url)
    stage.fact("Codes", str(folder / CODES_FILE))
    stage.fact("Ruth's code", show_code(play.codes[play.hero.writer]))
    stage.fact("Ann's id", ann.member.id)
    stage.fact("Ann's code", show_code(ann.code))
    stage.gap()
    stage.plain("Try, in another terminal:")
    for line in _to_try(folder, url):
        stage.raw(line)


def _addresses(stage: Stage, url: str) -> None:
    """Tell where to open what; by a name, because passkeys belong to names and not to numbers."""
    by_name = url.replace("127.0.0.1", "localhost")
    stage.fact("Address", f"{url}  (Ctrl-C ends it)")
    if BUILT.is_dir():
        stage.fact("Families", f"{by_name}/")
        stage.fact("Staff", f"{by_name}/staff/")
    stage.fact("API", f"{url}/docs")


def _to_try(folder: Path, url: str) -> list[str]:
    """Write commands that work as they stand, wrapped for 80 columns."""
    call = "letter-relay" if shutil.which("letter-relay") else ".venv/bin/letter-relay"
    where = f"--data {folder}" + ("" if url == _USUAL_URL else f" --relay {url}")
    ann = folder / "staff" / "ann"
    return [
        f"{call} family status {where} \\",
        f"    --code-file {folder / 'families' / 'ruth.txt'}",
        f"{call} review queue {where} \\",
        f"    --keyring {ann / 'keyring.age'} \\",
        f"    --code-file {ann / 'staff-code.txt'}",
        f"{call} log export --data {folder} \\",
        "    --out /tmp/bundle --openings",
        f"{call} audit verify --bundle /tmp/bundle \\",
        f"    --trust {folder / 'trust.note'}",
    ]
