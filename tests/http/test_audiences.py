"""Who may call what, and what they are shown: default deny by audience, role and desk, over every address there is."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from relay.domain.states import State
from relay.http.services import NOTE, PARTS, SEALED
from relay.ledger.retention import Retention, Terms
from tests.http.a_site import a_site
from tests.http.relay_world import JSON, THE_INVITED, THE_MACHINE, ServedWorld, Who, a_checked_world
from tests.ledger.cast import BUREAU, CAMP, FARM, REVIEW, FamilyOf
from tests.ledger.world import AT_CAMP, NOWHERE, REASON


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay, with all its pages."""
    site = a_site(tmp_path / "built")
    async with a_checked_world(tmp_path, site=site, http={"serve_staff_pages": True}) as served:
        yield served


# ---------------------------------------------------------------- the matrix

#: Everybody who may ask, one of each.
REVIEWER, SENIOR, DISPATCHER, REGISTRAR = "ann", "cyd", "dan", "reg"
OFFICER, AUDITOR, OPERATOR = "ole", "aud", "opal"
STAFF = frozenset({REVIEWER, SENIOR, DISPATCHER, REGISTRAR, OFFICER, AUDITOR, OPERATOR})
NOBODY, FAMILY, MACHINE, INVITED = "nobody", "a family", THE_MACHINE, THE_INVITED
CALLERS = STAFF | {NOBODY, FAMILY, MACHINE, INVITED}
READERS = frozenset({REVIEWER, SENIOR})
HANDS = frozenset({OFFICER, DISPATCHER})
UPLOADERS = READERS | HANDS | {REGISTRAR}
MAKERS = frozenset({AUDITOR, OPERATOR})

ITEM, DIGEST = "ab" * 16, "cd" * 32


@dataclass(frozen=True)
class Row:
    """One line of the matrix: a request to an address, and who gets past its door."""

    method: str
    path: str
    allowed: frozenset[str]
    body: bytes | None = None
    media_type: str = JSON


#: Written by hand, by the name of the endpoint. What is not listed here must not exist.
MATRIX = {
    "family_page": Row("GET", "/", CALLERS),
    "staff_page": Row("GET", "/staff/", CALLERS),
    "asset": Row("GET", "/assets/families-1.js", CALLERS),
    "service_worker": Row("GET", "/sw.js", CALLERS),
    "manifest": Row("GET", "/manifest.json", CALLERS),
    "site_facts": Row("GET", "/site.json", CALLERS),
    "about_page": Row("GET", "/about", CALLERS),
    "docs_page": Row("GET", "/docs", CALLERS),
    "openapi": Row("GET", "/openapi.json", CALLERS),
    "livez": Row("GET", "/livez", CALLERS),
    "readyz": Row("GET", "/readyz", CALLERS),
    "trust": Row("GET", "/trust", CALLERS),
    "directory": Row("GET", "/directory", CALLERS),
    "suspensions": Row("GET", "/suspensions", CALLERS),
    "checkpoint": Row("GET", "/log/1/checkpoint", CALLERS),
    "tile": Row("GET", "/log/1/tile/0/000", CALLERS),
    "work": Row("GET", "/work", CALLERS),
    "keyring": Row("GET", f"/keyrings/{ITEM}", CALLERS),
    "sign_in_challenge": Row("POST", "/sign-in/challenges", CALLERS, b"{}"),
    "sign_in": Row("POST", "/sign-in", CALLERS, b"x", NOTE),
    "family_put_part": Row("PUT", f"/family/parts/{DIGEST}", frozenset({FAMILY}), b"x", SEALED),
    "family_put_letter": Row("PUT", f"/family/letters/{ITEM}", frozenset({FAMILY}), b"x", SEALED),
    "family_receipt": Row("GET", f"/family/receipts/{ITEM}", frozenset({FAMILY})),
    "family_mailbox": Row("GET", "/family/mailbox", frozenset({FAMILY})),
    "family_get_part": Row("GET", f"/family/parts/{DIGEST}", frozenset({FAMILY})),
    "family_statement": Row("POST", "/family/statements", frozenset({FAMILY}), b"x", NOTE),
    "staff_session": Row("GET", "/staff/session", STAFF),
    "staff_sessions": Row("GET", "/staff/sessions", STAFF),
    "staff_end_session": Row("DELETE", f"/staff/sessions/{DIGEST}", STAFF),
    "staff_put_keyring": Row("PUT", "/staff/keyring", STAFF, b"x", "application/octet-stream"),
    "staff_desk_keys": Row("GET", "/staff/desk-keys", STAFF),
    "put_recipient": Row("PUT", "/staff/recipient", STAFF, b"{}"),
    "staff_put_desk_keys": Row("PUT", "/staff/desk-keys", STAFF, b"{}"),
    "staff_desk": Row("GET", f"/staff/desks/{REVIEW}", STAFF),
    "staff_desk_recovery": Row("GET", f"/staff/desks/{REVIEW}/recovery", STAFF),
    "make_token": Row("POST", "/staff/tokens", MAKERS, b"{}"),
    "tokens": Row("GET", "/staff/tokens", MAKERS),
    "revoke_token": Row("DELETE", f"/staff/tokens/{DIGEST}", MAKERS),
    "metrics": Row("GET", "/operator/metrics", frozenset({OPERATOR})),
    "staff_put_part": Row("PUT", f"/staff/parts/{DIGEST}", UPLOADERS, b"x", SEALED),
    "staff_post_parts": Row("POST", "/staff/parts", UPLOADERS, b"x", PARTS),
    "staff_fetch_parts": Row("POST", "/staff/parts/fetch", UPLOADERS, b"{}"),
    "review_lines": Row("GET", f"/review/lines?desk={REVIEW}", READERS),
    "review_offers": Row("POST", "/review/offers", READERS, b"{}"),
    "review_contacts": Row("POST", "/review/contacts", READERS, b"{}"),
    "review_ready": Row("POST", "/review/ready", READERS, b"{}"),
    "review_claimed": Row("GET", f"/review/claimed?desk={REVIEW}", READERS),
    "review_contested": Row("GET", f"/review/contested?desk={REVIEW}", READERS),
    "review_passed": Row("GET", f"/review/passed?desk={REVIEW}", READERS | {DISPATCHER}),
    "review_register": Row("GET", "/review/register", READERS | {DISPATCHER, REGISTRAR}),
    "review_item_parts": Row("GET", f"/review/items/{ITEM}/parts", READERS),
    "review_statement": Row("POST", "/review/statements", READERS | {DISPATCHER}, b"x", NOTE),
    "facility_bags": Row("GET", f"/facility/bags?desk={CAMP}", HANDS),
    "facility_items": Row("GET", f"/facility/items?desk={CAMP}", HANDS),
    "facility_statement": Row("POST", "/facility/statements", HANDS, b"x", NOTE),
    "facility_replies": Row("POST", "/facility/replies", HANDS, b"x", NOTE),
    "office_statement": Row("POST", "/office/statements", frozenset({OPERATOR, REGISTRAR, AUDITOR}), b"{}"),
    "audit_openings": Row("GET", "/audit/openings", frozenset({AUDITOR})),
    "document": Row("GET", f"/documents/{DIGEST}", frozenset({AUDITOR})),
    "publish_trust": Row("POST", "/operator/trust", frozenset({MACHINE}), b"x", NOTE),
    "publish_directory": Row("POST", "/operator/directory", frozenset({MACHINE}), b"{}"),
    "put_keyring": Row("PUT", f"/operator/keyrings/{ITEM}", frozenset({MACHINE}), b"x", "application/octet-stream"),
    "put_desk_key": Row("PUT", "/operator/desk-keys", frozenset({MACHINE}), b"{}"),
    "invite": Row("POST", "/operator/invites", frozenset({MACHINE}), b"{}"),
    "enrolments": Row("GET", "/operator/enrolments", frozenset({MACHINE})),
    "dismiss_enrolment": Row("DELETE", f"/operator/enrolments/{ITEM}", frozenset({MACHINE})),
    "invited": Row("GET", "/enrolments", frozenset({INVITED})),
    "enrol": Row("POST", "/enrolments", frozenset({INVITED}), b"{}"),
}


def test_every_address_is_in_the_matrix(world: ServedWorld):
    """A new endpoint has to be thought about here first, by its name and its address."""
    assert {endpoint.name for endpoint in world.served.endpoints} == set(MATRIX)
    for name, row in MATRIX.items():
        endpoint = world.endpoint(row.method, row.path)
        assert endpoint is not None
        assert endpoint.name == name


def test_nothing_is_bound_that_is_not_in_the_table(world: ServedWorld):
    """A route put beside the table would have no audience."""
    bound = {resource.canonical for resource in world.served.app.router.resources()}

    assert bound == {endpoint.template for endpoint in world.served.endpoints}


async def test_default_deny(world: ServedWorld):
    """Each address against each caller: past the door, or refused as not signed in or as a wrong role."""
    found, expected = {}, {}
    for name, row in MATRIX.items():
        for caller in sorted(CALLERS):
            response = await world.ask(
                row.method, row.path, row.body, by=_who(world, caller), media_type=row.media_type
            )
            found[name, caller] = await _verdict(response)
            expected[name, caller] = _expected(row, caller)

    assert found == expected


async def test_head_asks_what_get_asks(world: ServedWorld):
    """Headers alone would tell a stranger whether there is something."""
    gets = {name: row for name, row in MATRIX.items() if row.method == "GET"}
    answers = {name: await world.client.head(row.path) for name, row in gets.items()}

    assert {name for name, answer in answers.items() if answer.status != 401} == {
        name for name, row in gets.items() if row.allowed == CALLERS
    }


def _who(world: ServedWorld, caller: str) -> Who:
    if caller == NOBODY:
        return None
    return world.family() if caller == FAMILY else caller


async def _verdict(response: ClientResponse) -> str:
    assert response.status < 500, await response.text()
    code = (await response.json(content_type=None))["code"] if response.status >= 400 else ""
    return code if code in {"not_signed_in", "wrong_role"} else "past the door"


def _expected(row: Row, caller: str) -> str:
    if caller in row.allowed:
        return "past the door"
    return "wrong_role" if caller in STAFF and row.allowed <= STAFF else "not_signed_in"


# ---------------------------------------------------------------- desks


async def _fetch(world: ServedWorld, by: str, *digests: str) -> ClientResponse:
    return await world.ask("POST", "/staff/parts/fetch", {"digests": list(digests)}, by=by)


async def test_a_place_sees_nothing_of_another(world: ServedWorld):
    """Not its bags, not its items, not a sealed file of them; and it moves none of them."""
    letter = await world.send()
    bag = await world.received(letter)
    (part,) = (await world.item(letter)).parts

    for officer, elsewhere in (("bea", CAMP), ("ole", BUREAU), ("ole", FARM), ("dan", CAMP)):
        for path in (f"/facility/bags?desk={elsewhere}", f"/facility/items?desk={elsewhere}"):
            await world.refused(await world.ask("GET", path, by=officer), 403, "wrong_desk")
    assert await world.read(f"/facility/items?desk={BUREAU}", by="bea") == {"rows": []}
    await world.refused(await _fetch(world, "bea", part), 404, "unknown_part")
    for kind in ("deliver", "refuse", "fail"):
        statement = world.statement("bea", kind, [world.subject(letter, part, prev=(await world.item(letter)).head)])
        await world.refuses(statement, 403, "wrong_desk")
    found = world.statement("bea", "find", [world.subject(letter, part, prev=(await world.item(letter)).head)], bag=bag)
    await world.refused(await world.bring(found), 409, "illegal_move")


async def test_a_desk_that_does_not_exist(world: ServedWorld):
    """Its id was typed wrongly, or it is of another relay."""
    await world.refused(await world.ask("GET", f"/facility/items?desk={ITEM}", by="ole"), 409, "unknown_desk")
    await world.refused(await world.ask("GET", f"/review/lines?desk={ITEM}", by="ann"), 403, "wrong_desk")


async def test_a_dispatcher_acts_for_a_place_without_computers(world: ServedWorld):
    """The mediator's dispatcher sees what has been packed for the farm, and nobody else does."""
    letter = await world.send(detainee="234567890185")
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter, place=FARM))
    await world.bag(letter, place=FARM)

    (bag,) = (await world.read(f"/facility/bags?desk={FARM}", by="dan"))["bags"]

    assert [row["item"] for row in bag["rows"]] == [letter]


@pytest.mark.parametrize("queue", ["lines", "claimed", "contested", "passed"])
async def test_a_reviewer_sees_the_queues_of_their_own_desk_only(world: ServedWorld, queue: str):
    """Whoever names another desk is refused, whether it reviews or not."""
    await world.refused(await world.ask("GET", f"/review/{queue}?desk={CAMP}", by="ann"), 403, "wrong_desk")
    assert (await world.ask("GET", f"/review/{queue}?desk={REVIEW}", by="ann")).status == 200


async def test_a_reviewer_is_offered_nothing_of_another_desk(world: ServedWorld):
    """The desk is in the body here, and counts all the same."""
    await world.send()
    body = {"desk": CAMP, "detainee": AT_CAMP}

    await world.refused(await world.ask("POST", "/review/offers", body, by="ann"), 403, "wrong_desk")
    offered = await world.ask("POST", "/review/offers", body | {"desk": REVIEW}, by="ann")

    assert len((await offered.json())["rows"]) == 1


async def test_sealed_files_follow_their_item(world: ServedWorld):
    """The camp gets what is in a bag for it: not the family's own part 0, and not what has only been passed."""
    letter = await world.letter_with_picture()
    await world.submit(letter)
    original, picture = letter.digest, letter.line.enclosures[0]
    assert (await _fetch(world, "ann", original, picture)).status == 200
    await world.refused(await _fetch(world, "ole", picture), 404, "unknown_part")

    await world.claim("ann", letter.line.item)
    await world.submit(await world.passing("ann", letter.line.item))
    resealed = (await world.item(letter.line.item)).parts[0]
    await world.refused(await _fetch(world, "ole", resealed), 404, "unknown_part")

    await world.bag(letter.line.item)
    assert (await _fetch(world, "ole", resealed, picture)).status == 200
    await world.refused(await _fetch(world, "ole", resealed, original), 404, "unknown_part")
    await world.refused(await _fetch(world, "bea", resealed), 404, "unknown_part")


async def test_a_place_is_not_told_who_writes(world: ServedWorld):
    """Mailbox, key, contact, claimant are the review desk's alone."""
    letter = await world.send()
    await world.received(letter)

    (row,) = (await world.read(f"/facility/items?desk={CAMP}", by="ole"))["rows"]

    assert set(row) == {
        *("item", "kind", "state", "event", "detainee", "parts", "accepted_at", "desk", "destination", "bag", "turn")
    }


async def test_sealed_documents_are_for_the_desk_they_are_sealed_to(world: ServedWorld):
    """A page of the register is the review desk's; a camp does not even get its ciphertext."""
    (page,) = (await world.read("/review/register", by="ann"))["pages"]

    assert (await _fetch(world, "ann", page)).status == 200
    await world.refused(await _fetch(world, "ole", page), 404, "unknown_part")


async def test_a_member_ends_only_their_own_sessions(world: ServedWorld):
    """Another's session goes on, and the answer does not say whether there was one."""
    (session,) = (await world.read("/staff/sessions", by="ann"))["sessions"]

    assert (await world.ask("DELETE", f"/staff/sessions/{session['id']}", by="ben")).status == 204
    assert (await world.ask("GET", "/staff/session", by="ann")).status == 200


async def test_a_member_is_shown_who_they_are(world: ServedWorld):
    """By the directory in force, so that a client shows what its member may do."""
    me = await world.read("/staff/session", by="cyd")

    assert (me["staff"], me["roles"], me["desks"]) == (world.cast.staff["cyd"].id, ["reviewer", "senior"], [REVIEW])


# ---------------------------------------------------------------- families


async def _mailbox(world: ServedWorld, family: FamilyOf) -> ClientResponse:
    return await world.ask("GET", "/family/mailbox", by=family)


async def test_a_family_sees_one_word_until_a_letter_is_decided(world: ServedWorld):
    """Held, queued, claimed, contested, escalated: the same bytes, but for what names the letter itself."""
    states = (State.HELD, State.QUEUED, State.CLAIMED, State.CONTESTED, State.ESCALATED)
    families = {state: world.family(f"family of a letter that is {state}") for state in states}
    letters = {
        state: await world.send(family, detainee=NOWHERE if state is State.HELD else AT_CAMP)
        for state, family in families.items()
    }
    claimed = [letters[state] for state in states[2:]]
    await world.claim("ann", *claimed)
    await world.by_staff("ann", "propose_withhold", letters[State.CONTESTED], reasons=REASON)
    await world.by_staff("ann", "escalate", letters[State.ESCALATED], reasons=REASON)
    assert [item.state for item in await world.items(letters.values())] == list(states)

    seen = [await _mailbox(world, families[state]) for state in states]
    receipts = [await world.ask("GET", f"/family/receipts/{letters[s]}", by=families[s]) for s in states]

    (body,) = {_without_ids(await response.text()) for response in seen}
    assert '"word":"accepted"' in body
    assert len({response.headers["Content-Length"] for response in seen}) == 1
    assert {response.status for response in receipts} == {200}


def _without_ids(body: str) -> str:
    """Blank what names a letter: its id, digests and nonces, and where it stands in the log."""
    assert '"index":' in body
    return re.sub(r'("index":)\d+', r"\1-", re.sub(r"\b[0-9a-f]{32}([0-9a-f]{32})?\b", "-", body))


async def test_a_reply_is_the_familys_once_it_is_ready(world: ServedWorld):
    """Before that it is not even in the mailbox; then the file is there, for that family alone."""
    letter = await world.send()
    await world.received(letter)
    answer = await world.reply(letter)
    await world.submit(answer)
    (reply,) = answer.lines
    shown = (await (await _mailbox(world, world.family())).json())["items"]
    assert [item["item"] for item in shown] == [letter]

    await world.claim("ben", reply)
    await world.submit(await world.passing_home("ben", reply))

    ready = {item["item"]: item for item in (await (await _mailbox(world, world.family())).json())["items"]}[reply]
    (part,) = ready["parts"]
    assert (ready["word"], ready["re"]) == ("ready", letter)
    file = await world.ask("GET", f"/family/parts/{part['digest']}", by=world.family())
    assert (file.content_type, len(await file.read())) == (SEALED, part["bytes"])
    strangers = await world.ask("GET", f"/family/parts/{part['digest']}", by=world.family("the Bondarenkos"))
    await world.refused(strangers, 404, "unknown_part")


async def test_a_note_to_a_family_is_for_that_family(world: ServedWorld):
    """Why a letter was withheld, sealed to whoever wrote it."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.by_staff("ann", "propose_withhold", letter, reasons=REASON)
    note = await world.document("note", "ben", item=letter, to=("family",))
    path = f"/family/parts/{note}"
    await world.refused(await world.ask("GET", path, by=world.family()), 404, "unknown_part")

    await world.by_staff("ben", "confirm", letter, reasons=REASON, note=(note,))

    (item,) = (await (await _mailbox(world, world.family())).json())["items"]
    assert (item["word"], item["note"]) == ("withheld", note)
    assert re.fullmatch("[0-9a-f]{64}", item["tag_key"])
    assert (await world.ask("GET", path, by=world.family())).status == 200
    await world.refused(await world.ask("GET", path, by=world.family("the Bondarenkos")), 404, "unknown_part")


async def test_a_family_is_given_no_detail(world: ServedWorld):
    """Neither desk nor hour nor reason, whatever has become of the letter."""
    letter = await world.send()
    await world.received(letter)
    await world.by_staff("ole", "fail", letter, reasons=("DECEASED",))

    body = await (await _mailbox(world, world.family())).text()

    for secret in (CAMP, REVIEW, "DECEASED", world.cast.staff["ann"].id, AT_CAMP, "08:30"):
        assert secret not in body


async def test_an_erased_letter_leaves_the_mailbox(world: ServedWorld):
    """Years later nothing of it is left to show, and the mailbox still opens."""
    letter, kept = await world.send(), Retention(world.storage, world.ledger, Terms(), clock=world.clock)
    await world.by_family("withdraw", letter)
    for word in ("closed", None):
        world.clock.advance(days=1_200)
        await kept.run()
        items = (await (await _mailbox(world, world.family())).json())["items"]
        assert [item["word"] for item in items] == ([word] if word else [])

    receipt = await world.ask("GET", f"/family/receipts/{letter}", by=world.family())
    await world.refused(receipt, 404, "not_your_item")
