"""Routes of the files of a thread: what its messages brought, what its tools may use, what the assistant made."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.drafts.code_call import CodeCall
from app.playground.drafts.message import MessageDraft
from app.playground.drafts.step import StepDraft
from app.playground.failures import PageRoute
from app.playground.files.file_facts import FileFacts, describe
from app.playground.files.store_files import read_files
from app.playground.files.stores import chosen_store
from app.playground.views.files import ThreadFilesView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.connections.types import ToolResources
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/thread-files")


@router.get("")
async def open_thread_files(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the files of the thread in the sheet."""
    return await _sheet(playground, session)


@router.post("/{file_id}/remove")
async def remove_from_thread(file_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Take a file from the thread's code interpreter; the file stays."""
    resources = await _resources(session)
    held = _code_file_ids(resources)
    if file_id not in held:
        raise NotFound("The thread's code interpreter does not have this file any more.")
    resources["code_interpreter"] = {"file_ids": [one for one in held if one != file_id]}
    with session.calls():
        await session.client.beta.threads.update(session.thread_id, tool_resources=resources)
    return await _sheet(playground, session)


@router.post("/{file_id}/delete")
async def delete_from_thread(file_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Delete a file."""
    with session.calls():
        await session.client.files.delete(file_id)
    session.conversation.files.pop(file_id, None)
    return await _sheet(playground, session)


async def _sheet(playground: Playground, session: Session) -> HTMLResponse:
    resources = await _resources(session)
    for_code = _code_file_ids(resources)
    store_ids = (resources.get("file_search") or {}).get("vector_store_ids") or []
    store = await chosen_store(session, next(iter(store_ids), ""))
    attached = {file_id: use for draft in _messages(session, "user") for file_id, use in draft.uses.items()}
    made = _made(session)
    shown = dict.fromkeys([*for_code, *attached, *made])
    facts = dict(zip(shown, await describe(session, shown), strict=True))
    view = ThreadFilesView(
        for_code=_pick(facts, for_code),
        attached=tuple((facts[file_id], use) for file_id, use in attached.items()),
        made=_pick(facts, made),
        store=store,
        searched=await read_files(session, store.id) if store and not store.problem else None,
    )
    content = playground.renderer.render("parts/files/thread_files.html", files=view, chat_id=session.chat.id)
    return HTMLResponse(content)


async def _resources(session: Session) -> ToolResources:
    with session.calls():
        thread = await session.client.beta.threads.retrieve(session.thread_id)
    return cast("ToolResources", thread.tool_resources.to_dict() if thread.tool_resources else {})


def _code_file_ids(resources: ToolResources) -> list[str]:
    return list((resources.get("code_interpreter") or {}).get("file_ids") or [])


def _made(session: Session) -> list[str]:
    """Return what the assistant made: files and figures, those of steps too."""
    made: dict[str, None] = {}
    for draft in _messages(session, "assistant"):
        linked = [file_id for part in draft.parts.values() for file_id in (part.image_id, *part.files.values())]
        made |= dict.fromkeys([*draft.attached, *linked])
    calls = (
        call for step in session.conversation.drafts if isinstance(step, StepDraft) for call in step.calls.values()
    )
    for call in calls:
        if isinstance(call, CodeCall):
            made |= dict.fromkeys(call.images.values())
    return [file_id for file_id in made if file_id]


def _messages(session: Session, role: str) -> list[MessageDraft]:
    drafts = session.conversation.drafts
    return [draft for draft in drafts if isinstance(draft, MessageDraft) and draft.role == role]


def _pick(facts: dict[str, FileFacts], file_ids: Iterable[str]) -> tuple[FileFacts, ...]:
    return tuple(facts[file_id] for file_id in file_ids)
