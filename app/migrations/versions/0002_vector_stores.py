"""Vector stores, their files, batches and chunks, and the index of the chunks' words."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SQLITE_WORDS = (
    """CREATE VIRTUAL TABLE chunk_words USING fts5(vector_store_id, text, content='chunks', content_rowid='seq',
    tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER chunk_words_insert AFTER INSERT ON chunks BEGIN
    INSERT INTO chunk_words (rowid, vector_store_id, text) VALUES (new.seq, new.vector_store_id, new.text); END""",
    """CREATE TRIGGER chunk_words_delete AFTER DELETE ON chunks BEGIN
    INSERT INTO chunk_words (chunk_words, rowid, vector_store_id, text)
    VALUES ('delete', old.seq, old.vector_store_id, old.text); END""",
)
_POSTGRESQL_WORDS = (
    "ALTER TABLE chunks ADD COLUMN chunk_words tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED",
    "CREATE INDEX chunk_words_index ON chunks USING gin (chunk_words)",
)


def upgrade() -> None:
    """Create the tables of file search."""
    op.create_table(
        "vector_stores",
        *_first_columns(),
        sa.Column("name", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("expires_after", sa.JSON()),
        sa.Column("last_active_at", sa.BigInteger(), nullable=False),
        sa.Column("embedding_model", sa.Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "store_files",
        *_first_columns(),
        sa.Column("vector_store_id", sa.String(64), nullable=False),
        sa.Column("file_id", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.String(64)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("last_error", sa.JSON()),
        sa.Column("usage_bytes", sa.BigInteger(), nullable=False),
        sa.Column("chunking_strategy", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Float()),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("store_files_by_store", "store_files", ["vector_store_id", "seq"])
    op.create_index("store_files_by_batch", "store_files", ["batch_id", "seq"])
    op.create_index("store_files_by_file", "store_files", ["file_id"])
    op.create_index("store_files_by_status", "store_files", ["status"])
    op.create_table(
        "file_batches",
        *_first_columns(),
        sa.Column("vector_store_id", sa.String(64), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chunks",
        _seq(),
        sa.Column("vector_store_id", sa.String(64), nullable=False),
        sa.Column("store_file_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("embedding", sa.LargeBinary()),
        sqlite_autoincrement=True,
    )
    op.create_index("chunks_by_file", "chunks", ["store_file_id", "number"], unique=True)
    op.create_index("chunks_by_store", "chunks", ["vector_store_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_WORDS if is_sqlite else _POSTGRESQL_WORDS:
        op.get_bind().exec_driver_sql(statement)


def _seq() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("seq", kind, primary_key=True, autoincrement=True)


def _first_columns() -> tuple[sa.Column[int] | sa.Column[str] | sa.UniqueConstraint, ...]:
    return (
        _seq(),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("id"),
    )
