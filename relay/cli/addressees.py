"""What reviewers type when the addressee has to be found, or has moved: match, redirect."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer import Option

from relay.cli.frame import Asked, WrongUsage, command
from relay.cli.reviewers import Cuts, Desk, Items, LeftOut, Reasons, edit_of, reviewing
from relay.cli.working import chosen, tell_rows
from relay.client.agreement import Agreement
from relay.client.matching import Judgement

if TYPE_CHECKING:
    from relay.client.matching import Match
    from relay.client.opening import OpenedItem
    from relay.client.particulars import Sought
    from relay.client.register import Record, Register

Number = Annotated[str, typer.Argument(help="The detainee number.")]

_VERDICTS: Final = {
    Judgement.MATCHED: "One person agrees in everything that was said, and nobody else comes near:",
    Judgement.AMBIGUOUS: "Not certain. Look at the reasons, read the letter again, and decide only if you are sure:",
    Judgement.NONE: "Nobody in the register is meant, as far as names and dates tell.",
}


def add_to(review: typer.Typer) -> None:
    """Register these beside the other commands of reviewers."""
    command(review, "match")(match)
    command(review, "redirect")(redirect)
    command(review, "contacts")(list_contacts)
    command(review, "ready")(list_ready)
    command(review, "recall")(recall)


async def match(
    asked: Asked,
    *,
    items: Items,
    number: Annotated[str | None, Option("--number", help="The detainee number: this decides.")] = None,
    about: Annotated[
        Path | None, Option("--about", metavar="FILE", help="The form, filled in by you from the family's own words.")
    ] = None,
    mailbox: Annotated[
        str | None, Option("--mailbox", help="For a reply that answers no letter: the family's, from its contact.")
    ] = None,
    search: Annotated[str | None, Option("--search", metavar="WORDS", help="Look for words in the names.")] = None,
    desk: Desk = None,
) -> None:
    """
    Find whom a letter without a number means, in the decrypted register on this machine; then put the number on it.

    Without --number nothing is decided: the likeliest people are listed, with the reasons for and against each. What a
    detainee wrote first is matched to a family instead; `review contacts` lists who has written to him.
    """
    from keys.codes import parse_number
    from relay.client.mailboxes import match_family

    if sum(one is not None for one in (number, mailbox, search, about)) > 1:
        raise WrongUsage("say --number NUMBER or --mailbox ID to decide; or --about FILE or --search WORDS to look")
    async with reviewing(asked, desk) as reviewer:
        if mailbox is not None:
            rows = chosen(await reviewer.claimed(), items)
            tell_rows(asked, await match_family(reviewer, rows, mailbox), "matched")
            return
        if number is not None:
            rows = chosen(await reviewer.claimed(), items)
            tell_rows(asked, await reviewer.match(rows, parse_number(number)), "matched")
        elif search is not None:
            for record in (await reviewer.register()).search(search):
                _tell_record(asked, record, "")
        else:
            form = None if about is None else _form(about)
            opened = await reviewer.open(chosen(await reviewer.claimed(), items))
            _rank(asked, await reviewer.register(), opened.letters, form)


async def redirect(
    asked: Asked,
    *,
    items: Items,
    place: Annotated[
        str | None, Option("--place", metavar="DESK", help="Where to; without it, where the register says.")
    ] = None,
    cut: Cuts = None,
    leave_out: LeftOut = None,
    whole: Annotated[
        bool, Option("--whole", help="Although something was blocked out or left out when it was passed.")
    ] = False,
    reason: Reasons = None,
    desk: Desk = None,
) -> None:
    """Send letters on that were passed, went missing or could not be delivered, since their addressee has moved."""
    from relay.client.opening import OpenedItem

    if (cut or leave_out) and len(items) != 1:
        raise WrongUsage("--cut and --leave-out are for one letter at a time")
    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await reviewer.passed(), items)
        edits = {}
        if cut or leave_out:
            read = [one for one in await reviewer.as_read(rows) if isinstance(one, OpenedItem)]
            edits = {one.item: edit_of(one, cut or (), leave_out or ()) for one in read}
        redirected = await reviewer.redirect(rows, place=place, edits=edits, reasons=reason or (), although_whole=whole)
    tell_rows(asked, redirected, "redirected")


async def list_contacts(asked: Asked, number: Number, desk: Desk = None) -> None:
    """List who has written to a detainee, as your desk has recorded it: for a match or a recall."""
    from keys.codes import parse_number
    from relay.client.mailboxes import contacts

    async with reviewing(asked, desk) as reviewer:
        found = await contacts(reviewer, parse_number(number))
    for one in found:
        answers = "answers reach them" if one.reply_to else "they want no answer"
        asked.facts.tell(
            f"  {one.mailbox}  {one.names or 'nothing noted'}; {answers}",
            mailbox=one.mailbox,
            detainee=one.detainee,
            names=one.names,
            answerable=one.reply_to is not None,
        )
    if not found:
        asked.facts.say("Nobody has written to this number by way of your desk, or nothing of theirs has passed yet.")


async def list_ready(asked: Asked, number: Number, desk: Desk = None) -> None:
    """List a detainee's replies that are ready and that nobody has collected."""
    from keys.codes import parse_number
    from relay.client.mailboxes import ready

    async with reviewing(asked, desk) as reviewer:
        tell_rows(asked, await ready(reviewer, parse_number(number)), "ready")


async def recall(
    asked: Asked,
    *,
    items: Items,
    number: Annotated[str, Option("--from", metavar="NUMBER", help="Whose replies these are.")],
    mailbox: Annotated[str | None, Option("--mailbox", help="That of the family's new code, from its contact.")] = None,
    reason: Reasons = None,
    desk: Desk = None,
) -> None:
    """Take replies back whose family has lost its code, for its new mailbox; then claim and pass them again."""
    from keys.codes import parse_number
    from relay.client.mailboxes import ready

    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await ready(reviewer, parse_number(number)), items)
        tell_rows(asked, await reviewer.recall(rows, mailbox=mailbox, reasons=reason or ()), "recalled")


def _form(file: Path) -> "Sought":
    from relay.client.particulars import parse_form

    return parse_form(file.read_text(encoding="utf-8"))


def _rank(asked: Asked, register: "Register", letters: Iterable["OpenedItem"], form: "Sought | None") -> None:
    from relay.client.matching import Index, judge
    from relay.client.particulars import read_address

    index = Index(register.listed)
    for one in letters:
        sought = form or read_address(one.letter.manifest.address)
        if not sought.is_told:
            asked.facts.tell(
                f"{one.item}: the family wrote no form. Read its words, fill the form in, and give it with --about.",
                item=one.item,
                judgement="untold",
                words=sought.words,
            )
            continue
        matches = index.rank(sought.particulars)
        judgement = judge(matches)
        asked.facts.tell(
            f"{one.item}: {_VERDICTS[judgement]}", item=one.item, judgement=judgement.value, matches=len(matches)
        )
        for found in matches:
            _tell_match(asked, register, one.item, found)


def _tell_match(asked: Asked, register: "Register", item: str, found: "Match") -> None:
    record = register.find(found.number)
    told = [one for one in found.reasons if one.agreement is not Agreement.MISSING]
    reasons = {one.field.value: one.agreement.value for one in told}
    why = ", ".join(f"{name.replace('_', ' ')} {how}" for name, how in reasons.items())
    swapped = "; surname and given name in each other's places" if found.swapped else ""
    _tell_record(
        asked, record, f"\n      {found.score:>4} points: {why}{swapped}", item=item, score=found.score, **reasons
    )


def _tell_record(asked: Asked, record: "Record", beside: str, **facts: object) -> None:
    born = record.person.birth_date
    asked.facts.tell(
        f"  {record.number}  {record.status.value:<11}  {born or 'unknown   '}  {record.names}{beside}",
        number=record.number,
        status=record.status.value,
        names=record.names,
        born=born.isoformat() if born else None,
        place=record.place,
        **facts,
    )
