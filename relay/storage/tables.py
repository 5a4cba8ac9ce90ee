"""One schema for SQLite and PostgreSQL. What each datum is kept for, and how long, stands in docs/data-inventory.md."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _index_where_set(name: str, first: str, *more: str) -> Index:
    """Index only the rows whose first column is set: most items are never claimed, bagged or bound for anywhere."""
    is_set = text(f"{first} IS NOT NULL")
    return Index(name, first, *more, sqlite_where=is_set, postgresql_where=is_set)


_HEX_ID = String(32)
_HEX_DIGEST = String(64)
_TIME = String(20)

#: One row. Locking it is what serialises the writers of all nodes.
head = Table(
    "head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("relay", _HEX_ID, nullable=False),
    Column("origin", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("authority", BigInteger, nullable=False, comment="size just after the last trust, directory or suspension"),
    Column("published", LargeBinary, nullable=True, comment="the checkpoint served at /log/, with its cosignatures"),
    Column("published_size", BigInteger, nullable=False),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("log_index", BigInteger, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    PrimaryKeyConstraint("generation", "log_index"),
)

#: Full tiles only: partial ones are derived when a checkpoint is published.
tiles = Table(
    "tiles",
    metadata,
    Column("generation", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("generation", "level", "number"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("mailbox", _HEX_DIGEST, primary_key=True),
    Column("signer", _HEX_DIGEST, nullable=False),
    Column("contact", _HEX_DIGEST, nullable=True, comment="digest of the newest sealed contact"),
)

items = Table(
    "items",
    metadata,
    Column("item", _HEX_ID, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detainee", String(12), nullable=False),
    Column("mailbox", _HEX_DIGEST, ForeignKey("mailboxes.mailbox"), nullable=True),
    Column("route", Text, nullable=False),
    Column("desk", _HEX_ID, nullable=False),
    Column("destination", _HEX_ID, nullable=True),
    Column("holder", String(8), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("head", _HEX_DIGEST, nullable=False),
    Column("shown", _HEX_DIGEST, nullable=False),
    Column("parts", Text, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("waits_in", String(8), nullable=False),
    Column("needs", String(8), nullable=False),
    Column("claimant", _HEX_ID, nullable=True),
    Column("until", _TIME, nullable=True),
    Column("proposer", _HEX_ID, nullable=True),
    Column("barred", Text, nullable=False),
    Column("bag", _HEX_ID, nullable=True),
    Column("re", _HEX_ID, nullable=True),
    Column("signer", _HEX_DIGEST, nullable=True),
    Column("hint", String(35), nullable=True),
    Column("accepted_at", _TIME, nullable=False),
    Column("changed_at", _TIME, nullable=False),
    Column("tag_key", LargeBinary, nullable=True, comment="destroyed by erasure"),
    Index("ix_items_review", "desk", "state", "detainee", "turn"),
    _index_where_set("ix_items_destination", "destination", "state"),
    Index("ix_items_mailbox", "mailbox"),
    _index_where_set("ix_items_claimant", "claimant"),
    _index_where_set("ix_items_bag", "bag"),
    Index("ix_items_changed", "state", "changed_at"),
)

#: What each custody entry of the log opens to; erased by retention, while the log's proofs still verify.
events = Table(
    "events",
    metadata,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("item", _HEX_ID, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("shown", Integer, nullable=False, comment="1 if the family is given this opening"),
    Column("event", Text, nullable=False),
    Column("event_nonce", LargeBinary, nullable=False),
    Column("detail", Text, nullable=False),
    Column("detail_nonce", LargeBinary, nullable=False),
    UniqueConstraint("item", "seq"),
)

#: Sealed files, each with its first line in the clear: letters, enclosures, documents.
parts = Table(
    "parts",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True),
    Column("item", _HEX_ID, nullable=True),
    Column("line", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("stored_at", _TIME, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_parts_item", "item"),
    # With the sizes: they are added up for the operator, and beside each of them lies a sealed file.
    Index("ix_parts_stored_at", "stored_at", "size_bytes"),
)

#: Signed evidence by digest: statements, trusts, directories.
documents = Table(
    "documents",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("document", LargeBinary, nullable=False),
)

#: What was answered to each command, so that a retry gets the same bytes.
answers = Table(
    "answers",
    metadata,
    Column("key", _HEX_DIGEST, primary_key=True),
    Column("request", _HEX_DIGEST, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", _TIME, nullable=False),
)

#: Trusts, directories and suspensions in log order: who may sign what, from which index on. Beside them, as `site`, the
#: manifest of the pages that the relay serves, named in the place of a note.
authority = Table(
    "authority",
    metadata,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=True),
    Column("subject", _HEX_ID, nullable=True, comment="the suspended member"),
    Column("note", _HEX_DIGEST, nullable=False),
    Column("document", _HEX_DIGEST, nullable=True),
)

#: Nonces and documents of register, run and audit entries, whose commitments stand in the log.
commitments = Table(
    "commitments",
    metadata,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("note", _HEX_DIGEST, nullable=False),
    Column("document", _HEX_DIGEST, nullable=True, comment="the sealed document that the statement names"),
    Column("rows", _HEX_DIGEST, nullable=True, comment="the rows that a page of the register has set"),
)

register = Table(
    "register",
    metadata,
    Column("number", String(12), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("place", _HEX_ID, nullable=True),
)

keyrings = Table(
    "keyrings",
    metadata,
    Column("staff", _HEX_ID, primary_key=True),
    Column("keyring", LargeBinary, nullable=False),
)

desk_keys = Table(
    "desk_keys",
    metadata,
    Column("desk", _HEX_ID, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", String(80), nullable=False, comment="staff/<id>, or desk-code/<desk> for the recovery code"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("desk", "epoch", "holder"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True),
    Column("staff", _HEX_ID, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Index("ix_sessions_staff", "staff"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True),
    Column("staff", _HEX_ID, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

spent_work = Table(
    "spent_work",
    metadata,
    Column("nonce", _HEX_DIGEST, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)

#: Invites to become staff: what an operator decided, to be taken up once, by whoever holds the secret on paper.
invites = Table(
    "invites",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True, comment="SHA-256 of the secret"),
    Column("staff", _HEX_ID, nullable=False),
    Column("person", _HEX_ID, nullable=False),
    Column("desks", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    UniqueConstraint("staff"),
)

#: What new members' machines sent: public halves for the next directory; their keyrings stand in `keyrings`.
enrolments = Table(
    "enrolments",
    metadata,
    Column("staff", _HEX_ID, primary_key=True),
    Column("person", _HEX_ID, nullable=False),
    Column("desks", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("proposals", Text, nullable=True, comment="desk epochs that the member opened: desk, epoch, recipient"),
    Column("enrolled_at", BigInteger, nullable=False),
)

#: Tokens of other programs, such as a metrics reader or an exporter, each with what it may do.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("digest", _HEX_DIGEST, primary_key=True, comment="SHA-256 of the token"),
    Column("name", Text, nullable=False),
    Column("staff", _HEX_ID, nullable=False, comment="who made it, and with whose power it acts"),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    Column("revoked_at", BigInteger, nullable=True),
    Index("ix_api_tokens_staff", "staff"),
)

#: What desk keys are sealed to for each member. The directory has only its SHA-256, by which every client checks it.
recipients = Table(
    "recipients",
    metadata,
    Column("staff", _HEX_ID, primary_key=True),
    Column("recipient", Text, nullable=False),
)
