"""Saved outputs of functions, and what was typed for their calls."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables of mocks, of call outputs and of the runs that the page began."""
    op.create_table(
        "mock_outputs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("function", sa.String(256), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
    )
    op.create_index("ix_mock_outputs_function_place", "mock_outputs", ["function", "place"])
    op.create_table(
        "mocked_functions",
        sa.Column("name", sa.String(256), primary_key=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "page_runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "call_outputs",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_mocked", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
    )
    op.create_index("ix_call_outputs_run_id", "call_outputs", ["run_id"])
