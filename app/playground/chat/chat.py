"""Routes of the chat pane: add a message, run, stop, clear."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse

from app.errors import AppError, InvalidRequest, NotFound
from app.playground.chat.lock import look
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.drafts.message import message_draft
from app.playground.failures import PageRoute
from app.playground.files.attachments import Attachments, AttachmentsDep, waiting_attachments, without_deleted
from app.playground.panes import chat_context

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

Role = Literal["user", "assistant"]
_GONE: Final = "Send again, or attach other files. These were deleted meanwhile and are no longer attached:"

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")


@router.post("/messages")
async def send_message(
    session: SessionDep,
    playground: PlaygroundDep,
    attachments: AttachmentsDep,
    content: Annotated[str, Form()] = "",
    action: Annotated[Literal["add", "run"], Form()] = "run",
    role: Annotated[Role, Form()] = "user",
) -> HTMLResponse:
    """Add the message to the thread, and run the assistant unless only adding was asked for."""
    text = content.replace("\r\n", "\n").strip()
    try:
        _check(session, text, attachments, action)
        await _add(session, role, text, attachments)
    except AppError as error:
        await look(playground, session, is_urgent=True)
        return await _refusal(playground, session, attachments, error)
    await playground.services.waiting_files.forget(session.chat.id, attachments.uses)
    return await _composer(playground, session, role, await _run(playground, session) if action == "run" else "")


@router.post("/stop")
async def stop_run(session: SessionDep, playground: PlaygroundDep) -> Response:
    """Cancel the active run; what it wrote stays."""
    run = session.conversation.active_run
    if run is None:
        raise NotFound("No run is active. It may have ended just now.")
    try:
        with session.calls():
            cancelled = await session.client.beta.threads.runs.cancel(run.id, thread_id=session.thread_id)
    except AppError:
        await playground.watchers.look_again(session, run.id)
        raise
    session.conversation.set_run(cancelled)
    return Response(status_code=204)


@router.post("/clear")
async def clear_chat(session: SessionDep, playground: PlaygroundDep) -> Response:
    """Delete the thread and begin a new one, which the page learns by its events."""
    await _delete_thread(session)
    await playground.begin_thread(session)
    return Response(status_code=204)


def _check(session: Session, text: str, attachments: Attachments, action: str) -> None:
    if action == "run" and session.chat.assistant_id is None:
        raise InvalidRequest("Create an assistant in the setup first, or choose one. Then it can run.")
    if not text and attachments.for_tools():
        raise InvalidRequest("Write a message to go with the files.")
    if not attachments.content(text) and (action == "add" or not session.conversation.drafts):
        raise InvalidRequest("Write a message first.")


async def _add(session: Session, role: Role, text: str, attachments: Attachments) -> None:
    content = attachments.content(text)
    if not content:
        return
    with session.calls():
        message = await session.client.beta.threads.messages.create(
            session.thread_id, role=role, content=content, attachments=attachments.for_tools()
        )
    session.conversation.put(message_draft(message))


async def _run(playground: Playground, session: Session) -> str:
    """Begin the run and return why that failed; the message is on the thread either way."""
    try:
        await playground.watchers.begin(session, session.chat.assistant_id or "")
    except AppError as error:
        return f"The message is added, but the run did not start: {_advice(session, error)}"
    return ""


def _advice(session: Session, error: AppError) -> str:
    """Say what to do when another page or program deleted what the chat rests on."""
    if not isinstance(error, NotFound):
        return error.message
    if session.thread_id in error.message:
        return f"{error.message} It was deleted meanwhile. Clear the chat to begin a new one; what you typed stays."
    if session.chat.assistant_id and session.chat.assistant_id in error.message:
        return f"{error.message} It was deleted meanwhile. Choose another assistant in the setup, then run."
    return error.message


async def _refusal(playground: Playground, session: Session, attachments: Attachments, error: AppError) -> HTMLResponse:
    """Answer with the reason; files that were deleted meanwhile leave the composer."""
    left, gone = await without_deleted(playground, session, attachments)
    reason = f"{_GONE} {', '.join(gone)}." if gone else _advice(session, error)
    context = {"composer_error": reason, "chat_id": session.chat.id, "attachments": left}
    answer = playground.renderer.render("parts/chat/composer_error.html", **context)
    place = ("#attachment-list", "outerHTML", "parts/chat/attachment_list.html")
    return HTMLResponse(answer + playground.renderer.partials([place] if gone else [], **context), 422)


async def _composer(playground: Playground, session: Session, role: Role, reason: str) -> HTMLResponse:
    """Answer with an empty composer, which keeps the role: whoever writes as the assistant is told so until then."""
    context = chat_context(playground, session, role=role) | {"composer_error": reason, "keeps_actions": True}
    context["attachments"] = await waiting_attachments(playground, session)
    return HTMLResponse(playground.renderer.render("parts/chat/composer.html", **context))


async def _delete_thread(session: Session) -> None:
    """Delete the thread; a run on it is stopped first, and a thread that is gone already is none to delete."""
    threads, run = session.client.beta.threads, session.conversation.active_run
    if run is not None:
        with suppress(NotFound, InvalidRequest), session.calls():  # It may have ended just now.
            await threads.runs.cancel(run.id, thread_id=session.thread_id)
    with suppress(NotFound), session.calls():
        await threads.delete(session.thread_id)
