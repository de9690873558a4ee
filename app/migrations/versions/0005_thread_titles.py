"""Titles that people gave to threads, and the run options of a chat session."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table of titles; give chat sessions their run options, and an index by thread."""
    op.create_table(
        "thread_titles",
        sa.Column("connection", sa.String(128), primary_key=True),
        sa.Column("thread_id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
    )
    op.add_column("chats", sa.Column("run_options", sa.JSON(), server_default="{}", nullable=False))
    op.create_index("ix_chats_thread_id", "chats", ["thread_id"])
