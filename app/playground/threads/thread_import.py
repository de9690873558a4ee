"""Makes a thread of what an import read: files first, then the messages one after the other."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from app.errors import AppError, InvalidRequest

if TYPE_CHECKING:
    from app.playground.session import Session
    from app.playground.threads.imported_thread import ImportedBlock, ImportedMessage, ImportedThread

Json = dict[str, Any]
_TOOLS: Final = frozenset({"code_interpreter", "file_search"})
_EMPTY: Final = "(This message was empty.)"


async def import_messages(session: Session, imported: ImportedThread) -> str:
    """Return the new thread's id; when a message is refused, thread and files are deleted again."""
    with session.calls():
        thread = await session.client.beta.threads.create()
    files: dict[str, str] = {}
    try:
        await _upload(session, imported, files)
        for number, message in enumerate(imported.messages, start=1):
            await _add(session, thread.id, files, message, number)
    except AppError:
        await _undo(session, thread.id, files)
        raise
    return thread.id


async def _upload(session: Session, imported: ImportedThread, files: dict[str, str]) -> None:
    """Upload each file that has a content; `files` leads from the old ids to the new ones."""
    for file in imported.files:
        content = file.read()
        if content is not None and file.id not in files:
            purpose: Literal["vision", "assistants"] = "vision" if file.purpose == "vision" else "assistants"
            with session.calls():
                made = await session.client.files.create(file=(file.filename, content), purpose=purpose)
            files[file.id] = made.id


async def _add(session: Session, thread_id: str, files: dict[str, str], message: ImportedMessage, number: int) -> None:
    parts = [part for block in message.content if (part := _part(block, files)) is not None]
    try:
        with session.calls():
            await session.client.beta.threads.messages.create(
                thread_id,
                role=message.role,
                content=cast("Any", parts or _EMPTY),
                attachments=cast("Any", _attachments(message, files)),
                metadata=message.metadata or {},
            )
    except AppError as error:
        raise InvalidRequest(f"Message {number} was refused: {error.message}") from error


def _part(block: ImportedBlock, files: dict[str, str]) -> Json | None:
    match block.type:
        case "text":
            value = block.text.value if block.text else ""
            return {"type": "text", "text": value} if value else None
        case "image_file":
            old_id = block.image_file.file_id if block.image_file else ""
            if old_id not in files:
                return {"type": "text", "text": "[An image that the export does not hold]"}
            return {"type": "image_file", "image_file": {"file_id": files[old_id]}}
        case "image_url":
            return {"type": "image_url", "image_url": {"url": block.image_url.url if block.image_url else ""}}
        case _:
            return {"type": "text", "text": f"[{block.type}]"}


def _attachments(message: ImportedMessage, files: dict[str, str]) -> list[Json]:
    """Return attachments, and the files that the text links to, whose links a new message can't carry."""
    wanted: dict[str, list[Json]] = {}
    for attachment in message.attachments or []:
        if attachment.file_id in files:
            kinds = {str(tool.get("type")) for tool in attachment.tools or []} & _TOOLS
            wanted[files[attachment.file_id]] = [{"type": kind} for kind in sorted(kinds)]
    for file_id in _linked(message):
        if file_id in files:
            wanted.setdefault(files[file_id], [])
    default = [{"type": "code_interpreter"}]
    return [{"file_id": file_id, "tools": tools or default} for file_id, tools in wanted.items()]


def _linked(message: ImportedMessage) -> list[str]:
    annotations = [each for block in message.content if block.text for each in block.text.annotations]
    paths = [each.get("file_path") for each in annotations if isinstance(each, dict)]
    return [str(path.get("file_id")) for path in paths if isinstance(path, dict)]


async def _undo(session: Session, thread_id: str, files: dict[str, str]) -> None:
    with suppress(AppError), session.calls():
        await session.client.beta.threads.delete(thread_id)
    for file_id in files.values():
        with suppress(AppError), session.calls():
            await session.client.files.delete(file_id)
