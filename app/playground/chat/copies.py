"""Copies of threads: a fork, and the same first message once more in a new thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections import extensions
from app.errors import InvalidRequest

if TYPE_CHECKING:
    from app.connections.types import Attachment, AttachmentTool, Message, MessagePart
    from app.playground.session import Session


async def fork(session: Session, message_id: str | None = None) -> str:
    """Copy the thread, or what is up to the message, into a new one, and return its id; the origin stays."""
    with session.calls():
        if session.has_extensions:
            return (await extensions.fork_thread(session.client, session.thread_id, message_id)).id
        return await _copy(session, message_id)


async def _copy(session: Session, message_id: str | None) -> str:
    """Copy message by message, for services that can't fork."""
    threads = session.client.beta.threads
    found = []
    async for message in threads.messages.list(session.thread_id, order="asc", limit=100):
        found.append(message)
        if message.id == message_id:
            break
    thread = await threads.create(metadata={"forked_from": session.thread_id})
    for message in found:
        await repeat(session, message, thread.id)
    return thread.id


async def first_message(session: Session) -> Message:
    """Return the thread's first message."""
    with session.calls():
        page = await session.client.beta.threads.messages.list(session.thread_id, order="asc", limit=1)
    if not page.data:
        raise InvalidRequest("There is no message to begin again with. Write one first.")
    return page.data[0]


async def repeat(session: Session, message: Message, thread_id: str) -> Message:
    """Write the same message, with its attachments, into a thread."""
    with session.calls():
        return await session.client.beta.threads.messages.create(
            thread_id,
            role=message.role,
            content=_content(message),
            attachments=_attachments(message),
            metadata=message.metadata,
        )


def _content(message: Message) -> list[MessagePart]:
    parts: list[MessagePart] = []
    for block in message.content:
        if block.type == "text":
            parts.append({"type": "text", "text": block.text.value})
        elif block.type == "image_file":
            parts.append({"type": "image_file", "image_file": {"file_id": block.image_file.file_id}})
        elif block.type == "image_url":
            parts.append({"type": "image_url", "image_url": {"url": block.image_url.url}})
    return parts


def _attachments(message: Message) -> list[Attachment]:
    return [
        {"file_id": attachment.file_id, "tools": [_tool(tool.type) for tool in attachment.tools or []]}
        for attachment in message.attachments or []
        if attachment.file_id
    ]


def _tool(kind: str) -> AttachmentTool:
    return {"type": "code_interpreter"} if kind == "code_interpreter" else {"type": "file_search"}
