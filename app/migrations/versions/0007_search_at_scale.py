"""Chunks numbered store by store, files that know whether they are embedded, chunks that wait for their deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_RENUMBERED = (
    "DELETE FROM chunks WHERE vector_store_id NOT IN (SELECT id FROM vector_stores)",
    """UPDATE vector_stores SET last_chunk =
    coalesce((SELECT max(c.seq) FROM chunks c WHERE c.vector_store_id = vector_stores.id), 0)""",
    """UPDATE chunks SET seq = seq + 4294967296 *
    (SELECT s.seq FROM vector_stores s WHERE s.id = chunks.vector_store_id)""",
)
_MARKED = (
    "UPDATE store_files SET is_read = (status = 'completed')",
    "UPDATE vector_stores SET embedding_dimension = 384 WHERE embedding_model IS NOT NULL",
    """UPDATE store_files SET is_embedded = true, embedding_model =
    (SELECT s.embedding_model FROM vector_stores s WHERE s.id = store_files.vector_store_id)
    WHERE status = 'completed' AND NOT EXISTS
    (SELECT 1 FROM chunks c WHERE c.store_file_id = store_files.id AND c.embedding IS NULL)""",
    "UPDATE store_files SET is_embedded = false WHERE embedding_model IS NULL",
)
_SQLITE_BEFORE = (
    "DROP TRIGGER chunk_words_insert",
    "DROP TRIGGER chunk_words_delete",
    "DROP TABLE chunk_words",
)
_SQLITE_AFTER = (
    """CREATE VIRTUAL TABLE chunk_words USING fts5(text, content='chunks', content_rowid='seq',
    tokenize='porter unicode61 remove_diacritics 2')""",
    "INSERT INTO chunk_words (chunk_words) VALUES ('rebuild')",
    """CREATE TRIGGER chunk_words_insert AFTER INSERT ON chunks BEGIN
    INSERT INTO chunk_words (rowid, text) VALUES (new.seq, new.text); END""",
    """CREATE TRIGGER chunk_words_delete AFTER DELETE ON chunks BEGIN
    INSERT INTO chunk_words (chunk_words, rowid, text) VALUES ('delete', old.seq, old.text); END""",
)


def upgrade() -> None:
    """Renumber chunks, so that a store's lie together, and note which files have their vectors."""
    _add_columns()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = (*_SQLITE_BEFORE, *_RENUMBERED, *_SQLITE_AFTER) if is_sqlite else _RENUMBERED
    for statement in (*words, *_MARKED):
        op.get_bind().exec_driver_sql(statement)
    op.drop_index("chunks_without_vector", "chunks")
    op.drop_index("chunks_by_store", "chunks")
    op.create_index(
        "store_files_to_embed",
        "store_files",
        ["status", "seq"],
        sqlite_where=sa.text("is_read AND NOT is_embedded"),
        postgresql_where=sa.text("is_read AND NOT is_embedded"),
    )


def _add_columns() -> None:
    op.add_column("vector_stores", sa.Column("embedding_dimension", sa.Integer()))
    op.add_column("vector_stores", sa.Column("last_chunk", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("store_files", sa.Column("is_read", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("store_files", sa.Column("embedding_model", sa.Text()))
    op.add_column("store_files", sa.Column("embedded_chunks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("store_files", sa.Column("is_embedded", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "discarded_chunks",
        sa.Column("store_file_id", sa.String(64), primary_key=True),
    )
