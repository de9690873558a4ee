"""Routes of threads: the list, open, rename, delete, fork, and the same beginning once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse

from app.errors import AppError
from app.playground.chat import copies
from app.playground.chat.answers import go_to
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.drafts.message import message_draft
from app.playground.failures import PageRoute
from app.playground.threads import thread_list

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")


@router.get("/threads")
async def list_threads(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the list in the sheet."""
    threads = await thread_list.threads_view(playground, session, "", "")
    return HTMLResponse(
        playground.renderer.render("parts/threads/sheet.html", threads=threads, chat_id=session.chat.id, reason="")
    )


@router.get("/threads/rows")
async def find_threads(
    session: SessionDep, playground: PlaygroundDep, query: str = "", after: str = ""
) -> HTMLResponse:
    """Show the threads that hold a text, or those after one."""
    threads = await thread_list.threads_view(playground, session, query.strip(), after)
    part = "parts/threads/rows.html" if after else "parts/threads/list.html"
    return HTMLResponse(playground.renderer.render(part, threads=threads, chat_id=session.chat.id))


@router.post("/threads/open")
async def open_thread_by_id(
    session: SessionDep, playground: PlaygroundDep, thread_id: Annotated[str, Form()] = ""
) -> Response:
    """Open any thread, also one that a program made."""
    wanted = thread_id.strip()
    try:
        assistant_id = await thread_list.last_assistant_id(session, wanted or "thread_")
    except AppError as error:
        reason = error.message if wanted else "Write or paste a thread's id."
        return HTMLResponse(playground.renderer.render("parts/threads/open_error.html", reason=reason), 422)
    opened = await playground.open_thread(session, wanted, assistant_id)
    return go_to(playground.renderer.path("show_chat", chat_id=opened.chat.id))


@router.get("/threads/{thread_id}")
async def open_thread(thread_id: str, session: SessionDep, playground: PlaygroundDep) -> Response:
    """Go to a thread of the list, in the chat session that showed it last or in a new one."""
    assistant_id = await thread_list.last_assistant_id(session, thread_id)
    opened = await playground.open_thread(session, thread_id, assistant_id)
    return Response(
        status_code=303, headers={"Location": playground.renderer.path("show_chat", chat_id=opened.chat.id)}
    )


@router.get("/threads/{thread_id}/row")
async def show_thread_row(
    thread_id: str, session: SessionDep, playground: PlaygroundDep, *, renaming: bool = False
) -> HTMLResponse:
    """Show a thread's row, or the form to rename it."""
    row = await thread_list.one_thread(playground, session, thread_id)
    part = "parts/threads/rename.html" if renaming else "parts/threads/row.html"
    return HTMLResponse(playground.renderer.render(part, row=row, chat_id=session.chat.id))


@router.post("/threads/{thread_id}/rename")
async def rename_thread(
    thread_id: str, session: SessionDep, playground: PlaygroundDep, title: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Give the thread a title of its own; an empty one gives back its first message."""
    line = " ".join(title.split())[:200]
    with session.calls():
        await session.client.beta.threads.retrieve(thread_id)  # Only who may see a thread names it.
    await playground.services.titles.set(session.chat.connection, thread_id, line)
    row = await thread_list.one_thread(playground, session, thread_id)
    return HTMLResponse(playground.renderer.render("parts/threads/row.html", row=row, chat_id=session.chat.id))


@router.post("/threads/{thread_id}/delete")
async def delete_thread(thread_id: str, session: SessionDep, playground: PlaygroundDep) -> Response:
    """Delete a thread with its messages; after the one that is shown a new one begins."""
    with session.calls():
        await session.client.beta.threads.delete(thread_id)
    await playground.services.titles.set(session.chat.connection, thread_id, "")
    if thread_id != session.thread_id:
        return HTMLResponse("")
    await playground.begin_thread(session)
    return go_to(playground.renderer.path("show_chat", chat_id=session.chat.id))


@router.post("/messages/{message_id}/fork")
async def fork_from(message_id: str, session: SessionDep, playground: PlaygroundDep) -> Response:
    """Copy the thread up to the message into a new one, and go there."""
    thread_id = await copies.fork(session, message_id)
    forked = await playground.open_thread(session, thread_id, session.chat.assistant_id)
    return go_to(playground.renderer.path("show_chat", chat_id=forked.chat.id))


@router.post("/fork")
async def fork_thread(session: SessionDep, playground: PlaygroundDep) -> Response:
    """Copy the whole thread into a new one, as around a lock, and go there."""
    forked = await playground.open_thread(session, await copies.fork(session), session.chat.assistant_id)
    return go_to(playground.renderer.path("show_chat", chat_id=forked.chat.id))


@router.post("/restart")
async def restart(session: SessionDep, playground: PlaygroundDep) -> Response:
    """Send the first message again in a new thread, and run; the old thread stays in the list.

    The page learns what comes by its events: an answer could arrive after them, and show what was before.
    """
    message = await copies.first_message(session)
    session = await playground.begin_thread(session)
    session.conversation.put(message_draft(await copies.repeat(session, message, session.thread_id)))
    if session.chat.assistant_id:
        await playground.watchers.begin(session, session.chat.assistant_id)
    return Response(status_code=204)
