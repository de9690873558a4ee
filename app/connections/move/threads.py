"""Copies of threads, message by message."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import openai

from app.connections import extensions
from app.connections.move.objects import copy_resources

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.beta.threads import Message

    from app.connections.move.mover import Copied, Mover

_PAGE: Final = 100
_TOOLS: Final = frozenset({"code_interpreter", "file_search"})


async def listed_ids(origin: AsyncOpenAI) -> list[str]:
    """Return the ids of all threads that the service lists."""
    found: list[str] = []
    after = ""
    while True:
        page = await extensions.list_plain_threads(origin, after=after, limit=_PAGE)
        found += [thread.id for thread in page.data]
        if not page.has_more or not page.data:
            return found
        after = page.data[-1].id


async def copy_thread(mover: Mover, thread_id: str) -> Copied:
    """Copy a thread's messages in their order; a copy that an earlier move left unfinished is begun anew."""
    old = await mover.origin.beta.threads.retrieve(thread_id)
    await _drop_unfinished(mover, thread_id)
    resources, missing = await copy_resources(mover, old.to_dict().get("tool_resources"))
    options: dict[str, Any] = {"tool_resources": resources} if resources else {}
    new = await mover.target.beta.threads.create(metadata=old.metadata, **options)
    await mover.moves.note(mover.connection.name, "thread", thread_id, new.id, is_whole=False)
    notes = list(missing)
    async for message in mover.origin.beta.threads.messages.list(thread_id, order="asc", limit=_PAGE):
        notes += await _copy_message(mover, message, new.id)
    return new.id, tuple(dict.fromkeys(notes))


async def _drop_unfinished(mover: Mover, thread_id: str) -> None:
    begun = await mover.moves.find(mover.connection.name, "thread", thread_id)
    if begun is not None:
        with suppress(openai.NotFoundError):
            await mover.target.beta.threads.delete(begun[0])


async def _copy_message(mover: Mover, message: Message, new_thread_id: str) -> list[str]:
    content, notes = await _content(mover, message)
    attachments = []
    for attachment in message.attachments or []:
        new_id = await mover.file(attachment.file_id) if attachment.file_id else ""
        tools = [{"type": tool.type} for tool in attachment.tools or [] if tool.type in _TOOLS]
        if new_id:
            attachments.append({"file_id": new_id, "tools": tools or [{"type": "code_interpreter"}]})
        elif attachment.file_id:
            notes.append(f"attachment {attachment.file_id}: the service does not give it out")
    await mover.target.beta.threads.messages.create(
        new_thread_id,
        role=message.role,
        content=content or [{"type": "text", "text": "[empty]"}],
        attachments=attachments,  # type: ignore[arg-type]  # built of checked words
        metadata=message.metadata,
    )
    return notes


async def _content(mover: Mover, message: Message) -> tuple[list[Any], list[str]]:
    parts: list[Any] = []
    notes: list[str] = []
    for block in message.content:
        if block.type == "text":
            parts += [{"type": "text", "text": block.text.value}] if block.text.value else []
            notes += ["citations and links to files became plain text"] if block.text.annotations else []
        elif block.type == "image_url":
            parts.append({"type": "image_url", "image_url": {"url": block.image_url.url}})
        elif block.type == "image_file":
            new_id = await mover.file(block.image_file.file_id)
            image = {"type": "image_file", "image_file": {"file_id": new_id}}
            parts.append(image if new_id else {"type": "text", "text": f"[image {block.image_file.file_id}]"})
            notes += [] if new_id else [f"image {block.image_file.file_id}: the service does not give it out"]
        else:
            parts.append({"type": "text", "text": block.refusal})
    return parts, notes
