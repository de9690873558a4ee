"""Files that wait in the composers of chat sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the table of files that are uploaded and not sent yet."""
    op.create_table(
        "waiting_files",
        sa.Column("chat_id", sa.String(64), primary_key=True),
        sa.Column("file_id", sa.String(128), primary_key=True),
        sa.Column("use", sa.String(32), nullable=False),
        sa.Column("uploaded_at", sa.Double(), nullable=False),
    )
