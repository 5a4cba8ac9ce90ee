"""The tree against answers that other people computed, and the ways in which a proof may be wrong."""

import base64
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from keys.errors import EvidenceBroken
from keys.vkeys import Vkey
from relay.custody.checkpoint import verify_checkpoint
from relay.custody.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    ConsistencyInvalid,
    InclusionInvalid,
    Node,
    ProofInvalid,
    consistency_proof,
    consistency_spans,
    cover,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    node_hash,
    span_nodes,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS: Final = Path(__file__).parents[2] / "vectors" / "merkle"


def vectors(name: str, *, at_least: int) -> list[Any]:
    """Read a list of cases and make sure that there are any."""
    cases: list[Any] = json.loads((VECTORS / name).read_text())
    assert len(cases) >= at_least
    return cases


def unbase64(values: list[str]) -> list[bytes]:
    """Decode hashes."""
    return [base64.b64decode(value) for value in values]


TREES = json.loads((VECTORS / "trees.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in TREES["leaves"]]


def read_hashes(nodes: Sequence[Node]) -> list[bytes]:
    """Answer with the known nodes of the known tree."""
    return [bytes.fromhex(TREES["nodes"][level][index]) for level, index in nodes]


def test_leaf_and_node_hashes_are_those_of_rfc_6962():
    """Every node of the known tree is the hash of the two below it, and every leaf of its input."""
    rows = [[bytes.fromhex(node) for node in row] for row in TREES["nodes"]]

    assert rows[0] == LEAVES
    for below, above in itertools.pairwise(rows):
        assert above == [node_hash(*below[start : start + 2]) for start in range(0, len(below), 2)]


def test_roots_of_all_sizes_are_the_known_ones():
    """The tree of no leaves has a root too."""
    roots = [tree_root(LEAVES[:size]).hex() for size in range(9)]

    assert roots == TREES["roots"]
    assert roots[0] == EMPTY_ROOT.hex()


@pytest.mark.parametrize("case", vectors("inclusion.json", at_least=60), ids=lambda case: case["why"])
def test_inclusion_proofs_verify_as_others_say(case):
    """A proof that holds is made the same way here; one that does not is refused."""
    leaf, root = unbase64([case["leaf"], case["root"]])
    proof = unbase64(case["proof"])
    claim = {"index": case["index"], "size": case["size"], "leaf": leaf, "root": root}

    if case["error"] is None:
        verify_inclusion(proof, **claim)
        assert inclusion_proof(case["index"], case["size"], read_hashes) == tuple(proof)
    else:
        with pytest.raises(EvidenceBroken) as raised:
            verify_inclusion(proof, **claim)
        assert raised.value.code == case["error"]


@pytest.mark.parametrize("case", vectors("consistency.json", at_least=80), ids=lambda case: case["why"])
def test_consistency_proofs_verify_as_others_say(case):
    """A proof that holds is made the same way here; one that does not is refused."""
    old_root, new_root = unbase64([case["old_root"], case["new_root"]])
    proof = unbase64(case["proof"])
    sizes = {"old_size": case["old_size"], "new_size": case["new_size"]}

    if case["error"] is None:
        verify_consistency(proof, **sizes, old_root=old_root, new_root=new_root)
        assert consistency_proof(**sizes, read_hashes=read_hashes) == tuple(proof)
    else:
        with pytest.raises(EvidenceBroken) as raised:
            verify_consistency(proof, **sizes, old_root=old_root, new_root=new_root)
        assert raised.value.code == case["error"]


def test_every_leaf_of_every_small_tree_is_proven():
    """Ragged right sides too, where one hash of the path folds several perfect subtrees."""
    for size in range(1, 9):
        for index in range(size):
            proof = inclusion_proof(index, size, read_hashes)
            verify_inclusion(proof, index=index, size=size, leaf=LEAVES[index], root=tree_root(LEAVES[:size]))


def test_every_small_tree_grew_out_of_every_smaller_one():
    """Whatever the two sizes are."""
    for new_size in range(9):
        for old_size in range(new_size + 1):
            proof = consistency_proof(old_size, new_size, read_hashes)
            old_root, new_root = tree_root(LEAVES[:old_size]), tree_root(LEAVES[:new_size])
            verify_consistency(proof, old_size=old_size, old_root=old_root, new_size=new_size, new_root=new_root)


def test_checkpoints_of_another_implementation_verify_and_name_our_roots():
    """Tessera signed these over entries that we hash to the same roots, each consistent with the one before."""
    log = json.loads((VECTORS / "tessera.json").read_text())
    leaves = [leaf_hash(entry.encode()) for entry in log["entries"]]
    vkeys = [Vkey.parse(log["vkey"])]
    assert len(log["checkpoints"]) == 6

    for note in log["checkpoints"]:
        checkpoint = verify_checkpoint(note.encode(), vkeys, origin=log["origin"]).checkpoint
        assert checkpoint.root == tree_root(leaves[: checkpoint.size])


def test_growth_from_nothing_needs_no_proof_but_the_right_root():
    """A witness that has seen nothing begins with the empty tree."""
    verify_consistency([], old_size=0, old_root=EMPTY_ROOT, new_size=8, new_root=tree_root(LEAVES))

    with pytest.raises(ConsistencyInvalid, match="without leaves"):
        verify_consistency([], old_size=0, old_root=LEAVES[0], new_size=8, new_root=tree_root(LEAVES))


def test_an_error_names_what_failed():
    """Whoever reads the error knows which check it was, even before verify.py numbers it."""
    with pytest.raises(ProofInvalid) as raised:
        verify_inclusion([], index=1, size=1, leaf=LEAVES[0], root=LEAVES[0])

    assert raised.value.step == "inclusion"
    assert str(raised.value) == "step inclusion: the index is not in a tree of this size"


@pytest.mark.parametrize("spoilt", [b"", bytes(31), bytes(33)])
def test_hashes_of_another_length_are_refused(spoilt):
    """Two short hashes could otherwise be moved against each other inside one node."""
    root = tree_root(LEAVES[:2])

    with pytest.raises(InclusionInvalid, match="32 bytes"):
        verify_inclusion([spoilt], index=0, size=2, leaf=LEAVES[0], root=root)
    with pytest.raises(InclusionInvalid, match="32 bytes"):
        verify_inclusion([LEAVES[1]], index=0, size=2, leaf=spoilt, root=root)
    with pytest.raises(ConsistencyInvalid, match="32 bytes"):
        verify_consistency([spoilt], old_size=1, old_root=LEAVES[0], new_size=2, new_root=root)


@pytest.mark.parametrize("index", [-1, 8, 9])
def test_no_proof_is_made_for_a_leaf_outside_the_tree(index):
    """That is a mistake of the caller, not of anybody's evidence."""
    with pytest.raises(ValueError, match="not in the tree"):
        inclusion_spans(index, 8)


@pytest.mark.parametrize(("old_size", "new_size"), [(2, 1), (-1, 1)])
def test_no_proof_is_made_that_a_tree_shrank(old_size, new_size):
    """Logs do not shrink."""
    with pytest.raises(ValueError, match="never consistent"):
        consistency_spans(old_size, new_size)


def test_sizes_past_63_bits_are_refused():
    """Other languages could not hold them."""
    with pytest.raises(InclusionInvalid):
        verify_inclusion([], index=0, size=MAX_SIZE + 1, leaf=LEAVES[0], root=LEAVES[0])
    with pytest.raises(ConsistencyInvalid):
        verify_consistency([], old_size=1, old_root=LEAVES[0], new_size=MAX_SIZE + 1, new_root=LEAVES[0])


def test_a_span_is_covered_by_the_fewest_perfect_subtrees():
    """Seven leaves are four, two and one."""
    assert cover((0, 7)) == [(2, 0), (1, 2), (0, 6)]
    assert span_nodes([(4, 6), (0, 4)]) == [(1, 2), (2, 0)]
