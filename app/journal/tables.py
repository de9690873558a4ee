"""Tables of the journal and of what belongs to the page alone."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text, text

metadata = MetaData()

entries = Table(
    "journal_entries",
    metadata,
    # A number is never given out twice, also after pruning: pages resume by it.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("session_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("thread_id", String(64)),
    Column("run_id", String(64)),
    Column("principal", String(64), nullable=False),
    Column("amends", BigInteger().with_variant(Integer, "sqlite")),
    Column("created_at", Double, nullable=False),
    Column("data", JSON, nullable=False),
    # Last: SQLite reads a row's columns in order, and this one is long.
    Column("detail", Text),
    Index("ix_journal_entries_session_id_number", "session_id", "number"),
    Index("ix_journal_entries_thread_id_number", "thread_id", "number"),
    Index("ix_journal_entries_run_id_number", "run_id", "number"),
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
    Column("run_options", JSON, nullable=False, server_default="{}"),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("owner_id", String(64), nullable=False, server_default="local"),
    Index("ix_chats_updated_at", "updated_at"),
    Index("ix_chats_thread_id", "thread_id"),
)

thread_titles = Table(
    "thread_titles",
    metadata,
    Column("connection", String(128), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
)

mock_outputs = Table(
    "mock_outputs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("function", String(256), nullable=False),
    Column("place", Integer, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("output", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("owner_id", String(64), nullable=False, server_default="local"),
    Column("is_shared", Boolean, nullable=False, server_default=text("false")),
    Index("ix_mock_outputs_function_place", "function", "place"),
)

mocked_functions = Table(
    "mocked_functions",
    metadata,
    Column("owner_id", String(64), primary_key=True),
    Column("name", String(256), primary_key=True),
    Column("is_automatic", Boolean, nullable=False),
)

page_runs = Table(
    "page_runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("session_id", String(64), nullable=False),
    Column("begun_at", Double, nullable=False),
)

call_outputs = Table(
    "call_outputs",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("is_mocked", Boolean, nullable=False),
    Column("written_at", Double, nullable=False),
    Index("ix_call_outputs_run_id", "run_id"),
)

waiting_files = Table(
    "waiting_files",
    metadata,
    Column("chat_id", String(64), primary_key=True),
    Column("file_id", String(128), primary_key=True),
    Column("use", String(32), nullable=False),
    Column("uploaded_at", Double, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("values", JSON, nullable=False),
    Column("sealed_key", Text),
    Column("serves_models", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
)

moved_objects = Table(
    "moved_objects",
    metadata,
    Column("owner_id", String(64), primary_key=True),
    Column("connection", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("old_id", String(128), primary_key=True),
    Column("new_id", String(128), nullable=False),
    Column("is_whole", Boolean, nullable=False),
    Column("moved_at", Double, nullable=False),
)
