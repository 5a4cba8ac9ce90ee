"""
Exactly one place writes custody (DESIGN.md, "The one door"), read from the source itself.

A second way to move an item, however well meant, would be one that no statement explains and no batch orders.
"""

import ast
import functools
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORAGE = ROOT / "relay" / "storage"
#: What an auditor relies on: no row of these comes, changes or goes but through the door.
CUSTODY = frozenset(
    {
        *("head", "log_entries", "tiles", "items", "events", "mailboxes", "documents", "answers"),
        *("authority", "commitments", "register"),
    }
)
#: Who may call what writes these tables; by hand, so that whoever adds a way in has to write it down here.
CALLERS = {
    "create_head": {"relay/ledger/founding.py"},
    "move_head": {"relay/ledger/append.py"},
    "append_entries": {"relay/ledger/append.py"},
    "save_items": {"relay/ledger/append.py"},
    "save_mailboxes": {"relay/ledger/append.py"},
    "store_openings": {"relay/ledger/append.py"},
    "store_documents": {"relay/ledger/append.py"},
    "store_authority": {"relay/ledger/append.py"},
    "store_commitments": {"relay/ledger/append.py"},
    "store_answers": {"relay/ledger/door.py"},
    "publish": {"relay/ledger/publishing.py"},
    "delete_items": {"relay/ledger/erasure.py"},
    "delete_answers": {"relay/ledger/erasure.py"},
    "delete_documents": {"relay/ledger/erasure.py"},
    "delete_empty_mailboxes": {"relay/ledger/erasure.py"},
    "delete_closed_numbers": {"relay/ledger/erasure.py"},
}
#: The steps between the door and those functions.
STEPS = {"save": {"relay/ledger/door.py"}, "carry_out": {"relay/ledger/append.py"}}
_WRITING = frozenset({"insert", "update", "delete", "upsert", "inserting", "insert_sqlite", "insert_postgresql"})
#: Modules that may put SQL of their own together; append.py has the register's rows and the works that were spent.
WITH_SQL = frozenset({"relay/ledger/append.py"})


@functools.cache
def modules() -> list[tuple[str, ast.Module]]:
    """Parse every module of the relay."""
    paths = sorted((ROOT / "relay").rglob("*.py"))
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def written_in(tree: ast.AST) -> set[str]:
    """Name the tables that some code inserts into, updates or deletes from."""
    written = set()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _WRITING:
            for argument in call.args:
                if isinstance(argument, ast.Attribute) and isinstance(argument.value, ast.Name):
                    written.add(argument.attr)
    return written


def writers() -> dict[str, set[str]]:
    """Find the functions of relay/storage that write custody, each with its tables."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in STORAGE.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prepared = {
            target.id: written_in(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for function in tree.body:
            if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
                used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                tables = written_in(function).union(*(prepared[name] for name in used if name in prepared))
                if tables & CUSTODY:
                    found[function.name] |= tables & CUSTODY
    return found


def names_used(tree: ast.Module, package: str) -> set[str]:
    """List which functions of a package's modules a module names, imported or through their module."""
    aliases, used = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(package):
            used |= {name.name for name in node.names}
            aliases |= {name.asname or name.name for name in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            used.add(node.attr)
    return used


def test_every_function_that_writes_custody_is_known():
    """A new one has to be written down here, with the one module that may call it."""
    assert writers().keys() == CALLERS.keys()
    assert set().union(*writers().values()) == CUSTODY


def test_only_the_door_calls_what_writes_custody():
    """Nothing in relay/http, relay/client or relay/cli names those functions, nor the steps between."""
    callers: dict[str, set[str]] = defaultdict(set)
    for path, tree in modules():
        if not path.startswith("relay/storage/"):
            for name in names_used(tree, "relay.storage") & CALLERS.keys():
                callers[name].add(path)
            for name in names_used(tree, "relay.ledger") & STEPS.keys():
                callers[name].add(path)

    assert callers == CALLERS | STEPS


def test_sql_is_written_in_storage_alone():
    """Whoever could put an UPDATE together elsewhere would need none of those functions."""
    words = _WRITING - {"inserting"}
    with_sql = set()
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
                with_sql |= {path} if words & {name.name for name in node.names} else set()
            elif isinstance(node, ast.Attribute) and node.attr == "exec_driver_sql":
                with_sql.add(path)

    outside = {path for path in with_sql if not path.startswith("relay/storage/")}
    assert outside == WITH_SQL


def test_the_finder_sees_a_second_way_in():
    """If it did not, the tests before would pass whatever was written elsewhere."""
    tree = ast.parse("from relay.storage import custody_log as c\nasync def f(x):\n    await c.move_head(x, x, x)\n")

    assert "move_head" in names_used(tree, "relay.storage")
    assert written_in(ast.parse("update(tables.items).values(state='delivered')")) == {"items"}
