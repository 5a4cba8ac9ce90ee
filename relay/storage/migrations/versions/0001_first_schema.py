"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answers")),
    )
    op.create_table(
        "authority",
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=32), nullable=True, comment="the suspended member"),
        sa.Column("note", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_authority")),
    )
    op.create_table(
        "challenges",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_challenges")),
    )
    op.create_table(
        "commitments",
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=64), nullable=False),
        sa.Column(
            "document", sa.String(length=64), nullable=True, comment="the sealed document that the statement names"
        ),
        sa.Column("rows", sa.String(length=64), nullable=True, comment="the rows that a page of the register has set"),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_commitments")),
    )
    op.create_table(
        "desk_keys",
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column(
            "holder",
            sa.String(length=80),
            nullable=False,
            comment="staff/<id>, or desk-code/<desk> for the recovery code",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "epoch", "holder", name=op.f("pk_desk_keys")),
    )
    op.create_table(
        "documents",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_documents")),
    )
    op.create_table(
        "events",
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False, comment="1 if the family is given this opening"),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("event_nonce", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("detail_nonce", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_events")),
        sa.UniqueConstraint("item", "seq", name=op.f("uq_events_item_seq")),
    )
    op.create_table(
        "head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("relay", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.Column(
            "authority",
            sa.BigInteger(),
            nullable=False,
            comment="size just after the last trust, directory or suspension",
        ),
        sa.Column(
            "published",
            sa.LargeBinary(),
            nullable=True,
            comment="the checkpoint served at /log/, with its cosignatures",
        ),
        sa.Column("published_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_head")),
    )
    op.create_table(
        "keyrings",
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("keyring", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_keyrings")),
    )
    op.create_table(
        "log_entries",
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "log_index", name=op.f("pk_log_entries")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("mailbox", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=True, comment="digest of the newest sealed contact"),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "parts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_parts")),
    )
    op.create_index("ix_parts_item", "parts", ["item"], unique=False)
    op.create_index("ix_parts_stored_at", "parts", ["stored_at"], unique=False)
    op.create_table(
        "register",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_staff", "sessions", ["staff"], unique=False)
    op.create_table(
        "spent_work",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_spent_work")),
    )
    op.create_table(
        "tiles",
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "level", "number", name=op.f("pk_tiles")),
    )
    op.create_table(
        "items",
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detainee", sa.String(length=12), nullable=False),
        sa.Column("mailbox", sa.String(length=64), nullable=True),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("desk", sa.String(length=32), nullable=False),
        sa.Column("destination", sa.String(length=32), nullable=True),
        sa.Column("holder", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("waits_in", sa.String(length=8), nullable=False),
        sa.Column("needs", sa.String(length=8), nullable=False),
        sa.Column("claimant", sa.String(length=32), nullable=True),
        sa.Column("until", sa.String(length=20), nullable=True),
        sa.Column("proposer", sa.String(length=32), nullable=True),
        sa.Column("barred", sa.Text(), nullable=False),
        sa.Column("bag", sa.String(length=32), nullable=True),
        sa.Column("re", sa.String(length=32), nullable=True),
        sa.Column("signer", sa.String(length=64), nullable=True),
        sa.Column("hint", sa.String(length=35), nullable=True),
        sa.Column("accepted_at", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.String(length=20), nullable=False),
        sa.Column("tag_key", sa.LargeBinary(), nullable=True, comment="destroyed by erasure"),
        sa.ForeignKeyConstraint(["mailbox"], ["mailboxes.mailbox"], name=op.f("fk_items_mailbox")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_items")),
    )
    op.create_index(
        "ix_items_bag",
        "items",
        ["bag"],
        unique=False,
        sqlite_where=sa.text("bag IS NOT NULL"),
        postgresql_where=sa.text("bag IS NOT NULL"),
    )
    op.create_index("ix_items_changed", "items", ["state", "changed_at"], unique=False)
    op.create_index(
        "ix_items_claimant",
        "items",
        ["claimant"],
        unique=False,
        sqlite_where=sa.text("claimant IS NOT NULL"),
        postgresql_where=sa.text("claimant IS NOT NULL"),
    )
    op.create_index(
        "ix_items_destination",
        "items",
        ["destination", "state"],
        unique=False,
        sqlite_where=sa.text("destination IS NOT NULL"),
        postgresql_where=sa.text("destination IS NOT NULL"),
    )
    op.create_index("ix_items_mailbox", "items", ["mailbox"], unique=False)
    op.create_index("ix_items_review", "items", ["desk", "state", "detainee", "turn"], unique=False)
