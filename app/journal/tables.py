"""Tables of the journal and of the page's chat sessions."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, Index, Integer, MetaData, String, Table

metadata = MetaData()

entries = Table(
    "journal_entries",
    metadata,
    # A number is never given out twice, also after pruning: pages resume by it.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("session_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("thread_id", String(64)),
    Column("run_id", String(64)),
    Column("created_at", Double, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_journal_entries_session_id_number", "session_id", "number"),
    Index("ix_journal_entries_created_at", "created_at"),
    sqlite_autoincrement=True,
)

chats = Table(
    "chats",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("connection", String(128), nullable=False),
    Column("assistant_id", String(64)),
    Column("thread_id", String(64)),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Index("ix_chats_updated_at", "updated_at"),
)
