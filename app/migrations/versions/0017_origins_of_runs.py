"""On whose behalf runs began, for the log."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Note the request and the person with each run."""
    op.add_column("runs", sa.Column("request_id", sa.String(64)))
    op.add_column("runs", sa.Column("begun_by", sa.String(64)))
