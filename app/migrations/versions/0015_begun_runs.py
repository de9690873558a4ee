"""When people's runs began, so that several processes count them together."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the table of runs that began in the last minute."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "begun_runs",
        sa.Column("seq", seq, primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
    )
    op.create_index("begun_runs_by_person", "begun_runs", ["person_id", "begun_at"])
