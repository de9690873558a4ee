"""Reads what programs are made of from the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.errors import InvalidRequest
from app.playground.code.chronology import Chronology, read_chronology
from app.playground.code.functions import functions_of
from app.playground.code.literals import Name
from app.playground.code.material import Json, Material, Step
from app.playground.code.shelf import Shelf

if TYPE_CHECKING:
    from app.connections.types import Message, Run
    from app.playground.session import Session

_SETTINGS = ("model", "name", "description", "instructions", "tools", "metadata", "temperature", "top_p")
_OVERRIDES = ("model", "instructions", "tools", "temperature", "top_p", "response_format", "reasoning_effort")
_UNSET: Json = {"instructions": "", "tools": [], "temperature": 1.0, "top_p": 1.0}
"""What stands for a setting that a run took away."""
_LIMITS = ("max_prompt_tokens", "max_completion_tokens", "metadata")


async def assistant_material(session: Session) -> Material:
    """Return what a program of the current assistant is made of; it asks one question."""
    assistant = await _assistant(session, session.chat.assistant_id)
    shelf = Shelf(session)
    body = await _assistant_body(shelf, assistant)
    steps = [Step("message", {"role": "user", "content": Name("question")}), Step("run")]
    return Material(body, {}, shelf.files, shelf.stores, functions_of([body], {}), steps)


async def session_material(session: Session) -> Material:
    """Return what a program of the whole session is made of."""
    told = await read_chronology(session)
    last_id = next((run.assistant_id for run in reversed(told.runs)), None)
    assistant = await _assistant(session, session.chat.assistant_id or last_id)
    shelf = Shelf(session)
    body = await _assistant_body(shelf, assistant)
    thread = await _thread_body(session, shelf, told)
    steps = [await _step(shelf, assistant, happened) for happened in told.happened()]
    functions = functions_of([body, *(step.body for step in steps)], told.outputs)
    return Material(body, thread, shelf.files, shelf.stores, functions, steps, is_session=True)


async def _assistant(session: Session, assistant_id: str | None) -> Json:
    if assistant_id is None:
        raise InvalidRequest("Save an assistant first, or choose one: the program is made from it.")
    with session.calls():
        return (await session.client.beta.assistants.retrieve(assistant_id)).to_dict()


async def _assistant_body(shelf: Shelf, assistant: Json) -> Json:
    body = {name: _comparable(name, assistant) for name in _SETTINGS}
    body["tool_resources"] = await _resources(shelf, assistant.get("tool_resources") or {})
    body["response_format"] = _format(assistant)
    body["reasoning_effort"] = assistant.get("reasoning_effort")
    return _cleaned(body)


async def _resources(shelf: Shelf, resources: Json, skipped: Iterable[str] = ()) -> Json:
    code_ids = (resources.get("code_interpreter") or {}).get("file_ids") or []
    store_ids = (resources.get("file_search") or {}).get("vector_store_ids") or []
    files = await shelf.names(file_id for file_id in code_ids if file_id not in set(skipped))
    stores = [name for store_id in store_ids if (name := await shelf.store(store_id)) is not None]
    found: Json = {"code_interpreter": {"file_ids": files}} if files else {}
    return found | ({"file_search": {"vector_store_ids": stores}} if stores else {})


async def _thread_body(session: Session, shelf: Shelf, told: Chronology) -> Json:
    """Return what the thread began with: what attachments brought comes with their messages."""
    with session.calls():
        thread = (await session.client.beta.threads.retrieve(session.thread_id)).to_dict()
    resources: Json = dict(thread.get("tool_resources") or {})  # type: ignore[call-overload]  # JSON
    if "file_search" in told.attached:
        resources.pop("file_search", None)
    settled = await _resources(shelf, resources, told.attached.get("code_interpreter", ()))
    return _cleaned({"metadata": thread.get("metadata"), "tool_resources": settled})


async def _step(shelf: Shelf, assistant: Json, happened: Message | Run) -> Step:
    body = happened.to_dict()
    if happened.object == "thread.run":
        return Step("run", _overrides(assistant, body))
    return Step("message", await _message_body(shelf, body))


async def _message_body(shelf: Shelf, message: Json) -> Json:
    attachments = []
    for attachment in message.get("attachments") or ():
        name = await shelf.name(attachment["file_id"])
        if name is not None:
            attachments.append({"file_id": name, "tools": attachment.get("tools") or []})
    body = {"role": message["role"], "content": await _content(shelf, message), "attachments": attachments}
    return _cleaned({**body, "metadata": message.get("metadata")})


async def _content(shelf: Shelf, message: Json) -> str | list[Json]:
    parts = [part for block in message["content"] if (part := await _part(shelf, block)) is not None]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    if len(texts) == len(parts) <= 1:
        return texts[0] if texts else "(empty)"
    return parts


async def _part(shelf: Shelf, block: Json) -> Json | None:
    match block["type"]:
        case "text":
            return {"type": "text", "text": block["text"]["value"]} if block["text"]["value"] else None
        case "image_file":
            name = await shelf.name(block["image_file"]["file_id"], "vision")
            detail = block["image_file"].get("detail") or "auto"
            return {"type": "image_file", "image_file": {"file_id": name, "detail": detail}} if name else None
        case "image_url":
            return {"type": "image_url", "image_url": _cleaned(block["image_url"])}
        case _:
            return None


def _overrides(assistant: Json, run: Json) -> Json:
    """Return what the run set differently from the assistant as it is now."""
    changed: Json = {}
    for name in _OVERRIDES:
        value = _comparable(name, run)
        if value != _comparable(name, assistant):
            changed[name] = _UNSET.get(name) if value in (None, []) else value
    strategy = run.get("truncation_strategy") or {}
    choice = run.get("tool_choice")
    others = {
        **{name: run.get(name) for name in _LIMITS},
        "truncation_strategy": strategy if strategy.get("type") != "auto" else None,
        "tool_choice": None if choice == "auto" else choice,
        "parallel_tool_calls": False if run.get("parallel_tool_calls") is False else None,
    }
    return {name: value for name, value in changed.items() if value is not None} | _cleaned(others)


def _comparable(name: str, body: Json) -> Any:
    if name == "response_format":
        return _format(body)
    value = body.get(name)
    if name in ("temperature", "top_p"):
        return None if value == _UNSET[name] else value
    return [_cleaned(tool) for tool in value or ()] if name == "tools" else value or None


def _format(body: Json) -> Json | None:
    written = body.get("response_format")
    if not isinstance(written, Mapping) or written.get("type") == "text":
        return None
    return _cleaned(dict(written))


def _cleaned(body: Json) -> Json:
    """Leave out what is null or empty; what lies deeper is left as it is, a function excepted."""
    cleaned = {name: value for name, value in body.items() if value is not None and value not in ({}, [])}
    if isinstance(function := cleaned.get("function"), dict):
        cleaned["function"] = {name: value for name, value in function.items() if value is not None}
    return cleaned
