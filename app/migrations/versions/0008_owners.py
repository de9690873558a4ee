"""Whose each assistant, thread, file and vector store is, and which are shared."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Give everything an owner, nobody so far."""
    for table in ("assistants", "threads", "files", "vector_stores"):
        op.add_column(table, sa.Column("owner_id", sa.String(64), server_default="", nullable=False))
    for table in ("assistants", "vector_stores"):
        op.add_column(table, sa.Column("is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("threads_by_owner", "threads", ["owner_id", "seq"])
    op.create_index("files_by_owner", "files", ["owner_id", "seq"])
