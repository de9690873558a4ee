"""Whose each chat session is."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Give chat sessions an owner: everybody, where nobody signs in."""
    op.add_column("chats", sa.Column("owner_id", sa.String(64), server_default="local", nullable=False))
