"""What the logs are filtered by, and details apart from the lines."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the journal's table anew, since SQLite reads a row's columns in order; logs of before are not kept."""
    number = op.get_bind().execute(sa.text("SELECT coalesce(max(number), 0) FROM journal_entries")).scalar_one()
    op.drop_table("journal_entries")
    op.create_table(
        "journal_entries",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("thread_id", sa.String(length=64), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("principal", sa.String(length=64), nullable=False),
        sa.Column("amends", _NUMBER, nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    for columns in (("session_id", "number"), ("thread_id", "number"), ("run_id", "number"), ("created_at",)):
        op.create_index("ix_journal_entries_" + "_".join(columns), "journal_entries", list(columns), unique=False)
    _go_on_counting(number)


def _go_on_counting(number: int) -> None:
    """Give out no number twice: pages that are open resume by them."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER SEQUENCE journal_entries_number_seq RESTART WITH {number + 1}")
    elif number:
        sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        op.execute(sequence.insert().values(name="journal_entries", seq=number))
