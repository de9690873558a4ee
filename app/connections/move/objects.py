"""Copies of files, vector stores and assistants."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Any, Final

import openai

from app.connections.uploads import upload_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai.types.beta import Assistant

    from app.connections.move.mover import Copied, Mover

_SPOOL_BYTES: Final = 8 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024
_MOST_FILES_AT_ONCE: Final = 100
_PURPOSES: Final = frozenset({"assistants", "vision", "user_data", "batch", "fine-tune", "evals"})
_FIELDS: Final = (
    "model",
    "name",
    "description",
    "instructions",
    "tools",
    "metadata",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)
_FROM_TEXT: Final = "The service does not give the file out; the text that it had read from it was carried."
_NO_CONTENT: Final = "file {}: the service does not give it out"


async def copy_file(mover: Mover, file_id: str, store_id: str = "") -> Copied:
    """Copy a file by its bytes, or by the text that a store had read from it."""
    about = await mover.origin.files.retrieve(file_id)
    notes: tuple[str, ...] = ()
    purpose = about.purpose if about.purpose in _PURPOSES else "assistants"
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as content:
        try:
            await _download(mover, file_id, content)
            name = about.filename
        except (openai.BadRequestError, openai.PermissionDeniedError, openai.NotFoundError):
            if not store_id:
                raise
            content.write((await _read_text(mover, store_id, file_id)).encode())
            name, notes = f"{about.filename}.txt", (_FROM_TEXT,)
        size = content.tell()
        content.seek(0)
        new = await upload_file(mover.target, name, purpose, _pieces(content), size)
    return new.id, notes


async def copy_store(mover: Mover, store_id: str) -> Copied:
    """Copy a vector store: its name, expiry and files, which the engine reads anew."""
    store = await mover.origin.vector_stores.retrieve(store_id)
    notes: list[str] = []
    file_ids: list[str] = []
    async for file in mover.origin.vector_stores.files.list(store_id, limit=100):
        new_id = await mover.file_of_store(file.id, store_id)
        file_ids += [new_id] if new_id else []
        notes += [] if new_id else [_NO_CONTENT.format(file.id)]
    expiry: dict[str, Any] = {}
    if store.expires_after is not None:
        expiry = {"expires_after": {"anchor": "last_active_at", "days": store.expires_after.days}}
    new = await mover.target.vector_stores.create(
        name=store.name or "", metadata=store.metadata, file_ids=file_ids[:_MOST_FILES_AT_ONCE], **expiry
    )
    for start in range(_MOST_FILES_AT_ONCE, len(file_ids), _MOST_FILES_AT_ONCE):
        batch = file_ids[start : start + _MOST_FILES_AT_ONCE]
        await mover.target.vector_stores.file_batches.create(new.id, file_ids=batch)
    return new.id, tuple(notes)


async def copy_assistant(mover: Mover, assistant: Assistant) -> Copied:
    """Copy an assistant with the files and stores that its tools use."""
    values = assistant.to_dict()
    body: dict[str, Any] = {name: values[name] for name in _FIELDS if values.get(name) is not None}
    tools, notes = _known_tools(body.get("tools") or [])
    resources, missing = await copy_resources(mover, values.get("tool_resources"))
    body |= {"tools": tools} | ({"tool_resources": resources} if resources else {})
    new = await mover.target.beta.assistants.create(**body)
    return new.id, (*notes, *missing)


async def copy_resources(mover: Mover, resources: object) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return tool resources with new ids in place of old ones, and what is missing in them."""
    given: dict[str, Any] = resources if isinstance(resources, dict) else {}
    notes: list[str] = []
    copied: dict[str, Any] = {}
    for old_id in (given.get("code_interpreter") or {}).get("file_ids") or []:
        new_id = await mover.file(old_id)
        notes += [] if new_id else [_NO_CONTENT.format(old_id)]
        if new_id:
            copied.setdefault("code_interpreter", {"file_ids": []})["file_ids"].append(new_id)
    for old_id in (given.get("file_search") or {}).get("vector_store_ids") or []:
        new_id = await mover.store(old_id)
        notes += [] if new_id else [f"vector store {old_id}: it can't be read"]
        if new_id:
            copied.setdefault("file_search", {"vector_store_ids": []})["vector_store_ids"].append(new_id)
    return copied, tuple(notes)


def _known_tools(tools: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Leave out tools that only the origin has, such as Bing or Logic Apps."""
    known = [tool for tool in tools if tool.get("type") in {"code_interpreter", "file_search", "function"}]
    others = [str(tool.get("type")) for tool in tools if tool not in known]
    return known, [f"the tool '{name}' exists only at the origin" for name in others]


async def _download(mover: Mover, file_id: str, content: IO[bytes]) -> None:
    async with mover.origin.files.with_streaming_response.content(file_id) as response:
        async for piece in response.iter_bytes():
            content.write(piece)


async def _read_text(mover: Mover, store_id: str, file_id: str) -> str:
    pages = mover.origin.vector_stores.files.content(file_id, vector_store_id=store_id)
    return "\n".join([part.text or "" async for part in pages])


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := content.read(_PIECE_BYTES):
        yield piece
