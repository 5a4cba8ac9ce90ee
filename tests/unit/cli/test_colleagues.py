"""What members type wrongly about themselves and their desk is told before anything is sent."""

import pytest

ID = "ab" * 16


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("desk", "admit"), "name members by their ids"),
        (("desk", "admit", "folder", "--document", "x"), "by hand"),
        (("desk", "admit", "one", "two", "--document", "x", "--member", "y"), "by hand"),
        (("desk", "show"), "--keyring"),
        (("staff", "sessions"), "--keyring"),
        (("staff", "suspend", ID), "--reason"),
        (("staff", "token", "new", "--name", "x", "--scope", "audit"), "--out"),
        (("desk", "recover"), "--recovery-code"),
    ],
)
def test_what_is_missing_is_named(shell, typed, said):
    """With exit code 2, like any wrong usage."""
    ran = shell(*typed)

    assert (ran.code, said in ran.err) == (2, True), ran.err


def test_nothing_is_written_over(shell, tmp_path):
    """Neither a token's file nor a desk's folder."""
    (tmp_path / "token").write_text("older")
    new = ("staff", "token", "new", "--name", "x", "--scope", "audit", "--out", tmp_path / "token")
    assert shell(*new).code == 2
    (tmp_path / "desk-code.txt").write_text("older")
    ran = shell("desk", "rotate", "--out", tmp_path)

    assert (ran.code, "holds a desk already" in ran.err) == (2, True)
    assert (tmp_path / "token").read_text() == "older"
