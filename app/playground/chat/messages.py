"""Routes of a single message: show, edit, delete, details; and of the messages before those that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse

from app.connections import extensions
from app.errors import AppError, InvalidRequest
from app.playground.chat import transcript
from app.playground.chat.conversation import Mark
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.drafts.message import message_draft
from app.playground.failures import PageRoute
from app.playground.panes import draft_views
from app.playground.views.messages import details_view, plain_text

if TYPE_CHECKING:
    from app.connections.types import Message, MessagePart
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")


@router.get("/older")
async def show_older(message_id: str, session: SessionDep, playground: PlaygroundDep, run_id: str = "") -> HTMLResponse:
    """Show the page of messages before that one."""
    drafts, older = await transcript.older(session, Mark(message_id, run_id))
    items = draft_views(playground, session, drafts)
    content = playground.renderer.render(
        "parts/chat/older.html", items=items, older=older, mark=message_id, chat_id=session.chat.id
    )
    return HTMLResponse(content)


@router.get("/messages/{message_id}")
async def show_message(message_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show a message, as after an edit that was given up."""
    return _shown(playground, session, await _find(session, message_id))


@router.get("/messages/{message_id}/edit")
async def begin_edit(message_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show a user's message as a form."""
    message = await _find(session, message_id)
    return HTMLResponse(_edit_form(playground, session, message_id, plain_text(message), ""))


@router.post("/messages/{message_id}")
async def edit_message(
    message_id: str,
    session: SessionDep,
    playground: PlaygroundDep,
    content: Annotated[str, Form()] = "",
    action: Annotated[Literal["save", "run"], Form()] = "save",
) -> HTMLResponse:
    """Change what the message says; to run from it again, delete what came after."""
    text = content.replace("\r\n", "\n").strip()
    try:
        message = await _edit(session, message_id, text)
        if action == "run":
            await _run_from(playground, session, message_id)
    except AppError as error:
        return HTMLResponse(_edit_form(playground, session, message_id, text, error.message), 422)
    return _shown(playground, session, message)


@router.post("/messages/{message_id}/delete")
async def delete_message(message_id: str, session: SessionDep) -> HTMLResponse:
    """Delete a message; the steps that made it stay in the logs."""
    await _delete(session, message_id)
    return HTMLResponse("")


@router.get("/messages/{message_id}/details")
async def show_details(message_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show a message's ids, and the tokens of its run."""
    message = await _find(session, message_id)
    run = None
    if message.run_id:
        with session.calls():
            run = await session.client.beta.threads.runs.retrieve(message.run_id, thread_id=session.thread_id)
    context = {"details": details_view(message, run), "chat_id": session.chat.id}
    return HTMLResponse(playground.renderer.render("parts/chat/details.html", **context))


@router.post("/retry")
async def retry_run(session: SessionDep, playground: PlaygroundDep, replace: str = "") -> Response:
    """Run the thread once more; with `replace` the newest run's answer is deleted first."""
    if session.chat.assistant_id is None:
        raise InvalidRequest("Choose an assistant in the setup first. Then it can run.")
    if replace:
        await _delete_answer(session, replace)
    await playground.watchers.begin(session, session.chat.assistant_id)
    return Response(status_code=204)


async def _find(session: Session, message_id: str) -> Message:
    with session.calls():
        return await session.client.beta.threads.messages.retrieve(message_id, thread_id=session.thread_id)


async def _edit(session: Session, message_id: str, text: str) -> Message:
    if not session.has_extensions:
        raise InvalidRequest("This service does not let anybody change what a message says.")
    message = await _find(session, message_id)
    content: list[MessagePart] = [{"type": "text", "text": text}] if text else []
    for block in message.content:
        if block.type == "image_file":
            content.append({"type": "image_file", "image_file": {"file_id": block.image_file.file_id}})
        elif block.type == "image_url":
            content.append({"type": "image_url", "image_url": {"url": block.image_url.url}})
    if not content:
        raise InvalidRequest("A message can't be empty. Delete it instead.")
    with session.calls():
        edited = await extensions.edit_message(session.client, session.thread_id, message_id, content)
    if session.conversation.get(message_id):
        session.conversation.put(message_draft(edited))
    return edited


async def _run_from(playground: Playground, session: Session, message_id: str) -> None:
    if session.chat.assistant_id is None:
        raise InvalidRequest("The message is changed. Choose an assistant in the setup, then run it.")
    with session.calls():
        later = session.client.beta.threads.messages.list(session.thread_id, order="asc", after=message_id, limit=100)
        ids = [message.id async for message in later]
    for later_id in ids:
        await _delete(session, later_id)
    await playground.watchers.begin(session, session.chat.assistant_id)


async def _delete_answer(session: Session, run_id: str) -> None:
    """Delete the messages of the newest run."""
    messages = session.client.beta.threads.messages
    with session.calls():
        newest = await session.client.beta.threads.runs.list(session.thread_id, order="desc", limit=1)
        if not newest.data or newest.data[0].id != run_id:
            raise InvalidRequest("Another run began meanwhile. Only the newest answer can be replaced.")
        answer = [message async for message in messages.list(session.thread_id, run_id=run_id, limit=100)]
    for message in answer:
        await _delete(session, message.id)


async def _delete(session: Session, message_id: str) -> None:
    with session.calls():
        await session.client.beta.threads.messages.delete(message_id, thread_id=session.thread_id)
    session.conversation.remove(message_id)


def _shown(playground: Playground, session: Session, message: Message) -> HTMLResponse:
    (item,) = draft_views(playground, session, [message_draft(message)])
    return HTMLResponse(playground.renderer.render(item.template, item=item, chat_id=session.chat.id))


def _edit_form(playground: Playground, session: Session, message_id: str, text: str, reason: str) -> str:
    return playground.renderer.render(
        "parts/chat/message_edit.html", message_id=message_id, text=text, reason=reason, chat_id=session.chat.id
    )
