"""The engine's tables.

`seq` orders objects that were made in the same second; `created_at` and its kin are whole seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData()

_Seq = BigInteger().with_variant(Integer, "sqlite")


def _owned() -> Column[object]:
    """Whose it is: a person's id, empty where nobody signs in."""
    return Column("owner_id", String(64), nullable=False, server_default="")


def _shared() -> Column[object]:
    """Whether everybody may use it."""
    return Column("is_shared", Boolean, nullable=False, server_default=text("false"))


def _table(name: str, *columns: Column[object] | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("seq", _Seq, primary_key=True, autoincrement=True),
        Column("id", String(64), nullable=False, unique=True),
        Column("created_at", BigInteger, nullable=False),
        *columns,
        sqlite_autoincrement=True,
    )


assistants = _table(
    "assistants",
    Column("name", Text),
    Column("description", Text),
    Column("model", Text, nullable=False),
    Column("instructions", Text),
    Column("tools", JSON, nullable=False),
    Column("tool_resources", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("temperature", Float),
    Column("top_p", Float),
    Column("reasoning_effort", String(16)),
    Column("response_format", JSON),
    _owned(),
    _shared(),
)

threads = _table(
    "threads",
    Column("tool_resources", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    _owned(),
    Index("threads_by_owner", "owner_id", "seq"),
)

messages = _table(
    "messages",
    Column("thread_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("incomplete_details", JSON),
    Column("completed_at", BigInteger),
    Column("incomplete_at", BigInteger),
    Column("role", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("assistant_id", String(64)),
    Column("run_id", String(64)),
    Column("attachments", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Index("messages_by_thread", "thread_id", "seq"),
)

ACTIVE_STATUSES = ("queued", "in_progress", "requires_action", "cancelling")
ACTIVE = "status IN ('queued', 'in_progress', 'requires_action', 'cancelling')"

runs = _table(
    "runs",
    Column("thread_id", String(64), nullable=False),
    Column("assistant_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("required_action", JSON),
    Column("last_error", JSON),
    Column("expires_at", BigInteger),
    Column("started_at", BigInteger),
    Column("cancelled_at", BigInteger),
    Column("failed_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("incomplete_details", JSON),
    Column("model", Text, nullable=False),
    Column("instructions", Text, nullable=False),
    Column("tools", JSON, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("usage", JSON),
    Column("temperature", Float),
    Column("top_p", Float),
    Column("max_prompt_tokens", Integer),
    Column("max_completion_tokens", Integer),
    Column("truncation_strategy", JSON, nullable=False),
    Column("tool_choice", JSON, nullable=False),
    Column("parallel_tool_calls", Boolean, nullable=False),
    Column("response_format", JSON, nullable=False),
    Column("reasoning_effort", String(16)),
    Column("answered_by", Text),
    Column("lease_owner", String(64)),
    Column("lease_until", Float),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("request_id", String(64)),
    Column("begun_by", String(64)),
    Column("traceparent", String(64)),
    Index("runs_by_thread", "thread_id", "seq"),
    Index(
        "one_active_run_per_thread",
        "thread_id",
        unique=True,
        sqlite_where=text(ACTIVE),
        postgresql_where=text(ACTIVE),
    ),
)
"""`request_id`, `begun_by` and `traceparent` say in log and traces on whose behalf a worker carries a run out."""

begun_runs = Table(
    "begun_runs",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=True),
    Column("person_id", String(64), nullable=False),
    Column("begun_at", Double, nullable=False),
    Index("begun_runs_by_person", "person_id", "begun_at"),
)
"""When runs began that count against somebody's limit; the sweeper deletes what is older than a minute."""

steps = _table(
    "steps",
    Column("assistant_id", String(64), nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("type", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("step_details", JSON, nullable=False),
    Column("last_error", JSON),
    Column("expired_at", BigInteger),
    Column("cancelled_at", BigInteger),
    Column("failed_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("metadata", JSON, nullable=False),
    Column("usage", JSON),
    Index("steps_by_run", "run_id", "seq"),
    Index("steps_by_thread", "thread_id", "seq"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=True),
    Column("created_at", BigInteger, nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Index("prompts_by_run", "run_id", "seq"),
    Index("prompts_by_thread", "thread_id"),
    sqlite_autoincrement=True,
)
"""What each call of a model was sent, as `execution/prompt_record.py` packs it."""

files = _table(
    "files",
    Column("bytes", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("filename", Text, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("status_details", Text),
    Column("blob", String(64), nullable=False),
    Column("thread_id", String(64)),
    _owned(),
    Index("files_by_thread", "thread_id", "seq"),
    Index("files_by_owner", "owner_id", "seq"),
)

vector_stores = _table(
    "vector_stores",
    Column("name", Text),
    Column("description", Text),
    Column("metadata", JSON, nullable=False),
    Column("expires_after", JSON),
    Column("last_active_at", BigInteger, nullable=False),
    Column("embedding_model", Text),
    Column("embedding_dimension", Integer),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("last_chunk", BigInteger, nullable=False, server_default="0"),
    _owned(),
    _shared(),
)

store_files = _table(
    "store_files",
    Column("vector_store_id", String(64), nullable=False),
    Column("file_id", String(64), nullable=False),
    Column("batch_id", String(64)),
    Column("status", String(16), nullable=False),
    Column("last_error", JSON),
    Column("usage_bytes", BigInteger, nullable=False),
    Column("chunking_strategy", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", Float),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("is_read", Boolean, nullable=False, server_default=false()),
    Column("embedding_model", Text),
    Column("embedded_chunks", Integer, nullable=False, server_default="0"),
    Column("is_embedded", Boolean, nullable=False, server_default=false()),
    Index("store_files_by_store", "vector_store_id", "seq"),
    Index("store_files_by_batch", "batch_id", "seq"),
    Index("store_files_by_file", "file_id"),
    Index("store_files_by_status", "status"),
    Index(
        "store_files_to_embed",
        "status",
        "seq",
        sqlite_where=text("is_read AND NOT is_embedded"),
        postgresql_where=text("is_read AND NOT is_embedded"),
    ),
)
"""A file in a vector store; the id is made of both ids, so that a file is in a store once.

Its words can be found once it is read. It is `completed` when its vectors are there too, where there are to be any.
"""

file_batches = _table(
    "file_batches",
    Column("vector_store_id", String(64), nullable=False),
    Column("is_cancelled", Boolean, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column("seq", _Seq, primary_key=True, autoincrement=True),
    Column("vector_store_id", String(64), nullable=False),
    Column("store_file_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("page", Integer),
    Column("text", Text, nullable=False),
    Column("embedding", LargeBinary),
    Index("chunks_by_file", "store_file_id", "number", unique=True),
    sqlite_autoincrement=True,
)
"""Passages of files; those of a file that is not read are not there yet for anybody who searches.

A store's chunks have the numbers from its own `seq` times `CHUNKS_OF_A_STORE` on: the index of words knows numbers
only, and finds those of one store as a range.
"""

CHUNKS_OF_A_STORE = 2**32

discarded_chunks = Table("discarded_chunks", metadata, Column("store_file_id", String(64), primary_key=True))
"""Whose chunks nobody can find any more, and are to be deleted some at a time."""
