"""Prompts: what each call of a run's model was sent, read back from the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select

from app.engine.engine import Engine
from app.engine.execution.context import estimate_tokens
from app.engine.execution.prompt_record import unpack
from app.engine.runs import find_run
from app.engine.store import tables
from app.engine.store.rows import Row
from app.engine.thread_lock import find_thread
from app.wire.prompts import Prompt, PromptCall, PromptMessage

_DAY_SECONDS = 24 * 3600
_SOME = 200
_MESSAGE_TOKENS = 4
_IMAGE_TOKENS = 800


async def get_prompt(engine: Engine, thread_id: str, run_id: str) -> Prompt:
    """Return what the run's model was sent; raises `NotFound`."""

    def read(connection: Connection) -> Prompt:
        find_thread(connection, thread_id)
        find_run(connection, thread_id, run_id)
        calls = list(_calls(connection, thread_id, _records(connection, run_id)))
        return Prompt(run_id=run_id, thread_id=thread_id, calls=calls)

    return await engine.database.read(read)


async def delete_old_prompts(engine: Engine) -> bool:
    """Delete some of the records that are older than the setting allows; say whether there may be more."""
    before = engine.now() - int(engine.prompt_days * _DAY_SECONDS)
    records = tables.prompts.c
    oldest = select(records.seq, records.created_at).order_by(records.seq).limit(_SOME)

    def remove(connection: Connection) -> bool:
        old = [seq for seq, created_at in connection.execute(oldest) if created_at < before]
        if old:
            connection.execute(delete(tables.prompts).where(records.seq.in_(old)))
        return len(old) == _SOME

    return await engine.database.write(remove)


def _records(connection: Connection, run_id: str) -> Sequence[Row]:
    query = select(tables.prompts).where(tables.prompts.c.run_id == run_id).order_by(tables.prompts.c.seq)
    return connection.execute(query).mappings().all()


def _calls(connection: Connection, thread_id: str, records: Sequence[Row]) -> Iterator[PromptCall]:
    known: list[dict[str, Any]] = []
    for number, record in enumerate(records, start=1):
        content = unpack(record["content"])
        known[content["base"] :] = content["new"]
        earlier = _count_before(connection, thread_id, content["oldest_seq"])
        yield _call(number, record, content, known, earlier)


def _call(number: int, record: Row, content: dict[str, Any], known: list[dict[str, Any]], earlier: int) -> PromptCall:
    system, left_out = content["system"], content["left_out"]
    hidden = range(system, system + len(left_out))
    changed = {int(place): body for place, body in content["changed"].items()}
    sent = [
        _message(changed.get(place, body), was_shortened=place in changed)
        for place, body in enumerate(known)
        if place not in hidden
    ]
    return PromptCall(
        number=number,
        created_at=record["created_at"],
        provider=content["provider"],
        context_window=content["context_window"],
        settings=content["settings"],
        estimated_tool_tokens=content["tool_tokens"],
        messages=sent,
        left_out=[_message(known[place], tokens=tokens) for place, tokens in zip(hidden, left_out, strict=True)],
        earlier_messages=earlier,
        is_cut=content.get("is_cut", False),
        prompt_tokens=record["prompt_tokens"],
        completion_tokens=record["completion_tokens"],
    )


def _message(body: dict[str, Any], *, tokens: int | None = None, was_shortened: bool = False) -> PromptMessage:
    estimated = _estimated(body) if tokens is None else tokens
    return PromptMessage.model_validate({**body, "estimated_tokens": estimated, "was_shortened": was_shortened})


def _estimated(body: dict[str, Any]) -> int:
    content = body.get("content") or ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    texts = sum(estimate_tokens(part["text"]) if part["type"] == "text" else _IMAGE_TOKENS for part in parts)
    functions = (call["function"] for call in body.get("tool_calls") or ())
    called = sum(estimate_tokens(each["name"] + each["arguments"]) + _MESSAGE_TOKENS for each in functions)
    return texts + called + _MESSAGE_TOKENS


def _count_before(connection: Connection, thread_id: str, seq: int | None) -> int:
    if seq is None:
        return 0
    messages = tables.messages.c
    query = select(func.count()).where(messages.thread_id == thread_id, messages.seq < seq)
    return int(connection.execute(query).scalar_one())
