"""The sizes of sealed files in an index, so that they are added up without reading the files."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_parts_stored_at", table_name="parts")
    op.create_index("ix_parts_stored_at", "parts", ["stored_at", "size_bytes"])
