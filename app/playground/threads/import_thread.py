"""Routes that import a thread from the JSON that an export wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, File, UploadFile
from fastapi.responses import HTMLResponse

from app.errors import AppError, InvalidRequest, PayloadTooLarge
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.threads.imported_thread import ImportedThread, read_imported
from app.playground.threads.thread_import import import_messages

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/import-thread")

MOST_BYTES: Final = 80 * 1024 * 1024


@router.get("")
async def show_import(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the sheet that takes the file."""
    return HTMLResponse(playground.renderer.render("parts/export/import.html", chat_id=session.chat.id, reason=""))


@router.post("")
async def import_thread(
    session: SessionDep, playground: PlaygroundDep, file: Annotated[UploadFile | None, File()] = None
) -> HTMLResponse:
    """Make a new thread of the file's messages, and open it in a chat session of its own."""
    try:
        imported = await _read(file)
        thread_id = await import_messages(session, imported)
    except AppError as error:
        reason = error.message
        return HTMLResponse(playground.renderer.render("parts/export/reason.html", reason=reason), error.status)
    return HTMLResponse("", headers={"HX-Redirect": await _opened(playground, session, thread_id)})


async def _read(file: UploadFile | None) -> ImportedThread:
    if file is None or not file.size:
        raise InvalidRequest("Choose a file first: the JSON of an exported thread.")
    if file.size > MOST_BYTES:
        raise PayloadTooLarge(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    content = await file.read()
    return await to_thread.run_sync(read_imported, content)


async def _opened(playground: Playground, session: Session, thread_id: str) -> str:
    chat = await playground.services.chats.create(session.chat.connection, session.chat.assistant_id, thread_id)
    return playground.renderer.path("show_chat", chat_id=chat.id)
