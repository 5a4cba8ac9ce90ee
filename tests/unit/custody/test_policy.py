"""Witness policies (C2SP tlog-policy)."""

import pytest

from keys.errors import Malformed
from keys.notes import Cosigner, Signer
from relay.custody.policy import parse_policy

WITNESSES = {name: Cosigner.ed25519(f"{name}.example", name.encode() * 16) for name in ("w1", "w2", "w3", "w4")}
PQ = Cosigner.mldsa44("pq.example", b"q" * 32)
LOG = Signer.ed25519("relay.example/log/1", b"l" * 32)
NAMED = "".join(f"witness {name} {witness.vkey}\n" for name, witness in WITNESSES.items())
#: The shape of the example in the specification: two of three, and any of one.
GROUPS = "group x 2 w1 w2 w3\ngroup y any w4\ngroup all-of all x y\n"
POLICY = f"log {LOG.vkey} https://relay.example/\n{NAMED}{GROUPS}quorum all-of\n"


@pytest.mark.parametrize(
    ("by", "met"),
    [
        (["w1", "w2", "w4"], True),
        (["w1", "w2", "w3", "w4"], True),
        (["w1", "w4"], False),
        (["w1", "w2", "w3"], False),
        ([], False),
    ],
)
def test_a_quorum_is_counted_through_its_groups(by, met):
    """Two of the first three, and the fourth."""
    assert parse_policy(POLICY).is_met(WITNESSES[name].vkey for name in by) is met


def test_a_quorum_of_none_needs_nobody():
    """The policy of a demo."""
    assert parse_policy("quorum none").is_met([])


def test_a_quorum_may_be_one_witness():
    """Named straight away, with a post-quantum key, a URL, comments, tabs and blank lines."""
    policy = parse_policy(f"# ours\n\n \t witness pq\t{PQ.vkey}  https://pq.example/ \n  # only one\nquorum pq\n")

    assert policy.is_met([PQ.vkey])
    assert not policy.is_met([WITNESSES["w1"].vkey])


def test_the_logs_are_kept():
    """Though the trust page says which of them counts."""
    assert parse_policy(POLICY).logs == (LOG.vkey,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum",
        "quorum none\nquorum none",
        "quorum w1",
        "quorum w1 w2",
        "quorum w1\n" + NAMED,
        "something none",
        "log x\nquorum none",
        f"log {LOG.vkey}\nlog {LOG.vkey}\nquorum none",
        f"log {WITNESSES['w1'].vkey}\nquorum none",
        f"log {LOG.vkey} url more\nquorum none",
        f"witness w1 {LOG.vkey}\nquorum w1",
        f"witness none {WITNESSES['w1'].vkey}\nquorum none",
        f"{NAMED}witness w1 {PQ.vkey}\nquorum none",
        f"{NAMED}witness w5 {WITNESSES['w1'].vkey}\nquorum none",
        f"{NAMED}group w1 any w2\nquorum none",
        f"{NAMED}group g any\nquorum none",
        f"{NAMED}group g 0 w1\nquorum none",
        f"{NAMED}group g 3 w1 w2\nquorum none",
        f"{NAMED}group g 01 w1\nquorum none",
        f"{NAMED}group g most w1\nquorum none",
        f"{NAMED}group g any w1 w1\nquorum none",
        f"{NAMED}group g any g\nquorum none",
        f"{NAMED}group g any none\nquorum none",
        f"{NAMED}group g any w9\nquorum none",
        f"{NAMED}group g any w1\ngroup h any w1\nquorum none",
    ],
)
def test_a_policy_that_could_be_read_in_two_ways_is_refused(text):
    """Twice defined, not yet defined, counted twice, out of range, or of no known kind."""
    with pytest.raises(Malformed):
        parse_policy(text)
