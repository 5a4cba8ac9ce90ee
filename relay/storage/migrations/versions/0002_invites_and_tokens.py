"""Invites, enrolments and the tokens of other programs. Times are POSIX seconds; lists are JSON."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invites",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("desks", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invites")),
        sa.UniqueConstraint("staff", name=op.f("uq_invites_staff")),
    )
    op.create_table(
        "enrolments",
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("desks", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column(
            "proposals",
            sa.Text(),
            nullable=True,
            comment="desk epochs that the member opened: desk, epoch, recipient",
        ),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_enrolments")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the token"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(length=32), nullable=False, comment="who made it, and with whose power it acts"),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_tokens")),
    )
    op.create_index("ix_api_tokens_staff", "api_tokens", ["staff"], unique=False)
