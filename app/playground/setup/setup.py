"""Routes of the setup pane: list, choose, begin, save, copy and delete assistants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from app.errors import AppError, NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.panes import setup_context
from app.playground.setup.assistant_form import AssistantFields, as_json, read_fields
from app.playground.setup.assistant_values import RefusedForm, base_of, changes, creation
from app.playground.sharing import without_private
from app.playground.views.setup import assistant_choices, error_field, settings_summary

if TYPE_CHECKING:
    from app.connections.types import Assistant
    from app.playground.playground import Playground
    from app.playground.session import Session

_DELETED = "This assistant was deleted meanwhile. What you typed is kept: create it as a new assistant."

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

_LONGEST_NAME: Final = 256


@router.get("/assistants")
async def list_assistants(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the assistants to choose from."""
    with session.calls():
        assistants = [each async for each in session.client.beta.assistants.list(limit=100)]
    session.conversation.names |= {assistant.id: assistant.name or "Assistant" for assistant in assistants}
    choices = assistant_choices(assistants, session.chat.assistant_id)
    return HTMLResponse(
        playground.renderer.render("parts/setup/assistants.html", choices=choices, chat_id=session.chat.id)
    )


@router.post("/assistant/save")
async def save_assistant(
    session: SessionDep, playground: PlaygroundDep, fields: Annotated[AssistantFields, Form()]
) -> HTMLResponse:
    """Create the assistant or store its changes; a refusal keeps what was typed and says why at the field."""
    try:
        assistant = await store_assistant(session, fields)
    except AppError as error:
        errors = error.reasons if isinstance(error, RefusedForm) else {error_field(error, fields): error.message}
        if isinstance(error, NotFound) and fields.assistant_id and fields.assistant_id in error.message:
            session, fields = await playground.choose(session, None), fields.model_copy(update={"assistant_id": ""})
            errors = {"general": _DELETED}
        context = await setup_context(playground, session, fields=fields, errors=errors)
        return HTMLResponse(playground.renderer.render("parts/setup/setup.html", **context), 422)
    session = await playground.choose(session, assistant.id)
    return await _panes(playground, session, is_saved=True)


@router.post("/assistant")
async def select_assistant(
    session: SessionDep, playground: PlaygroundDep, assistant_id: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Talk with another assistant from now on."""
    return await _panes(playground, await playground.choose(session, assistant_id or None))


@router.post("/assistant/new")
async def new_assistant(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show an empty form."""
    return await _panes(playground, await playground.choose(session, None))


@router.post("/assistant/duplicate")
async def duplicate_assistant(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show a form with everything that the chosen assistant has stored; it is created when it is saved."""
    with session.calls():
        stored = (await session.client.beta.assistants.retrieve(session.chat.assistant_id or "none")).to_dict()
    stored, notes = await without_private(playground, session, stored)
    return await show_filled(playground, session, stored, name=f"{stored.get('name') or 'Assistant'} copy", notes=notes)


@router.post("/assistant/settings")
async def summarize_settings(
    chat_id: str, playground: PlaygroundDep, fields: Annotated[AssistantFields, Form()]
) -> HTMLResponse:
    """Say in a few words how the model settings differ from the defaults."""
    context = {"summary": settings_summary(fields), "chat_id": chat_id}
    return HTMLResponse(playground.renderer.render("parts/setup/settings_summary.html", **context))


@router.get("/assistant/metadata")
async def new_metadata(chat_id: str, playground: PlaygroundDep) -> HTMLResponse:
    """Show an empty pair of metadata."""
    return HTMLResponse(playground.renderer.render("parts/setup/metadata.html", key="", value="", chat_id=chat_id))


@router.post("/assistant/delete")
async def delete_assistant(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Delete the chosen assistant."""
    if session.chat.assistant_id:
        with session.calls():
            await session.client.beta.assistants.delete(session.chat.assistant_id)
    return await _panes(playground, await playground.choose(session, None))


async def show_filled(
    playground: Playground, session: Session, data: dict[str, Any], *, name: str, notes: tuple[str, ...] = ()
) -> HTMLResponse:
    """Answer with the panes of an assistant that is filled in but not created."""
    session = await playground.choose(session, None)
    filled = {"name": name[:_LONGEST_NAME], "base": as_json(base_of(data))}
    fields = read_fields(data).model_copy(update=filled)
    return await _panes(playground, session, filled=fields, notes=notes)


async def store_assistant(session: Session, fields: AssistantFields) -> Assistant:
    """Create the assistant, or change what differs from the stored one."""
    assistants = session.client.beta.assistants
    with session.calls():
        if not fields.assistant_id:
            return await assistants.create(model=fields.deployment, extra_body=creation(fields))
        stored = await assistants.retrieve(fields.assistant_id)
        changed = changes(fields, stored.to_dict())
        return await assistants.update(fields.assistant_id, extra_body=changed) if changed else stored


async def _panes(
    playground: Playground,
    session: Session,
    *,
    is_saved: bool = False,
    filled: AssistantFields | None = None,
    notes: tuple[str, ...] = (),
) -> HTMLResponse:
    """Answer with the setup pane; the conversation, which names the assistant, comes as an event."""
    context = await setup_context(playground, session, is_saved=is_saved, filled=filled, notes=notes)
    session.conversation.renew()
    return HTMLResponse(playground.renderer.render("parts/setup/setup.html", **context))
