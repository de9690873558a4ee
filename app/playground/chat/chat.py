"""Routes of the chat pane: add a message, run, stop, clear."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse

from app.errors import AppError, InvalidRequest, NotFound
from app.playground.chat.lock import look
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.drafts.message import message_draft
from app.playground.failures import PageRoute
from app.playground.files.attachments import Attachments, AttachmentsDep
from app.playground.panes import chat_context

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

Role = Literal["user", "assistant"]

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
        reason = playground.renderer.render("parts/chat/composer_error.html", composer_error=_advice(session, error))
        return HTMLResponse(reason, 422)
    return _composer(playground, session, role, await _run(playground, session) if action == "run" else "")


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
async def clear_chat(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Delete the thread and begin a new one."""
    await _delete_thread(session)
    session = await playground.begin_thread(session)
    return fresh_chat(playground, session)


def fresh_chat(playground: Playground, session: Session) -> HTMLResponse:
    """Answer with the whole conversation of a session whose thread is another one now."""
    context = chat_context(playground, session)
    parts = [
        ("#tokens", "outerHTML", "parts/chat/tokens.html"),
        ("#run-state", "outerHTML", "parts/chat/run_state.html"),
        ("#lock-alarm", "outerHTML", "parts/chat/lock_alarm.html"),
        ("#composer-actions", "outerHTML", "parts/chat/composer_actions.html"),
    ]
    content = playground.renderer.render("parts/chat/conversation.html", **context)
    return HTMLResponse(content + playground.renderer.partials(parts, **context))


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


def _composer(playground: Playground, session: Session, role: Role, reason: str) -> HTMLResponse:
    """Answer with an empty composer, which keeps the role: whoever writes as the assistant is told so until then."""
    context = chat_context(playground, session, role=role) | {"composer_error": reason, "keeps_actions": True}
    return HTMLResponse(playground.renderer.render("parts/chat/composer.html", **context))


async def _delete_thread(session: Session) -> None:
    """Delete the thread; a run on it is stopped first, and a thread that is gone already is none to delete."""
    threads, run = session.client.beta.threads, session.conversation.active_run
    if run is not None:
        with suppress(NotFound, InvalidRequest), session.calls():  # It may have ended just now.
            await threads.runs.cancel(run.id, thread_id=session.thread_id)
    with suppress(NotFound), session.calls():
        await threads.delete(session.thread_id)
