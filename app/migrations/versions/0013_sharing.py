"""Mocks that are shared, and links to threads."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Keep to themselves the mocks that are there, and make room for links."""
    is_shared: sa.Column[bool] = sa.Column("is_shared", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("mock_outputs", is_shared)
    op.create_table(
        "thread_links",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
    )
    op.create_index("thread_links_by_thread", "thread_links", ["thread_id"])
