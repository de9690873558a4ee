"""The traces that runs belong to, where traces are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Note the trace with each run."""
    op.add_column("runs", sa.Column("traceparent", sa.String(64)))
