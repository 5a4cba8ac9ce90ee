"""The command `letter-relay`: facts on standard output, all else on standard error, and an exit code that tells."""

import sys
from collections.abc import Sequence

from relay.cli import (
    addressees,
    auditors,
    bureaus,
    ceremonies,
    colleagues,
    drafts,
    facilities,
    families,
    operators,
    pages,
    registers,
    reviewers,
)
from relay.cli.frame import root_app

app = root_app("A post office between two sides of a conflict: it carries sealed letters that it cannot read.")
operators.add_to(app)
pages.add_to(app)
addressees.add_to(reviewers.review)
for group in (
    families.family,
    bureaus.bureau,
    reviewers.review,
    reviewers.bag,
    registers.register,
    facilities.facility,
    auditors.log,
    auditors.audit,
    ceremonies.root,
    ceremonies.trust,
    drafts.directory,
    colleagues.staff,
    colleagues.desk,
):
    app.add_typer(group)


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run one command and leave with its exit code.

    0 done · 1 fatal · 2 usage · 3 refused · 4 malformed · 5 evidence broken · 6 unreachable, safe to retry ·
    7 wrong key or code · 130 interrupted.
    """
    sys.exit(app(args=list(arguments) if arguments is not None else None, prog_name="letter-relay"))
