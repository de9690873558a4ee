"""Limits that owners set on the page."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the table of limits; until one is set, the settings hold."""
    op.create_table(
        "person_limits",
        sa.Column("person_id", sa.String(64), primary_key=True),
        sa.Column("runs_at_once", sa.Integer()),
        sa.Column("runs_per_minute", sa.Integer()),
        sa.Column("storage_mb", sa.Integer()),
        sa.Column("upload_mb", sa.Integer()),
    )
