"""Connections that owners make on the page, and what was moved from them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the tables of connections and of moved objects."""
    op.create_table(
        "connections",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("sealed_key", sa.Text()),
        sa.Column("serves_models", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "moved_objects",
        sa.Column("owner_id", sa.String(64), primary_key=True),
        sa.Column("connection", sa.String(128), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("old_id", sa.String(128), primary_key=True),
        sa.Column("new_id", sa.String(128), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("moved_at", sa.Double(), nullable=False),
    )
