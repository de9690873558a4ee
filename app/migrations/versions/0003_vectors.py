"""What finds chunks without a vector, and stores whose vectors changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the stores' revision and the index of chunks that wait for their vector."""
    op.add_column("vector_stores", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "chunks_without_vector",
        "chunks",
        ["seq"],
        sqlite_where=sa.text("embedding IS NULL"),
        postgresql_where=sa.text("embedding IS NULL"),
    )
