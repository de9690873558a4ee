"""What each call of a model was sent, for the prompt view of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table of prompts."""
    op.create_table(
        "prompts",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sqlite_autoincrement=True,
    )
    op.create_index("prompts_by_run", "prompts", ["run_id", "seq"])
    op.create_index("prompts_by_thread", "prompts", ["thread_id"])
