"""Whose each mock is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Give mocks an owner: everybody, where nobody signs in."""
    op.add_column("mock_outputs", sa.Column("owner_id", sa.String(64), server_default="local", nullable=False))
    op.drop_table("mocked_functions")
    op.create_table(
        "mocked_functions",
        sa.Column("owner_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(256), primary_key=True),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
    )
