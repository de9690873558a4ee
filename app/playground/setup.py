"""Routes of the setup pane: save, choose, begin and delete assistants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from app.errors import AppError, InvalidRequest
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.panes import chat_context, setup_context
from app.playground.starters import Starter, starter
from app.playground.views.setup import AssistantFields, default_deployment

if TYPE_CHECKING:
    from app.connections.types import Assistant, AssistantTool
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

_FIELD_OF_PARAM: Final = {"name": "name", "instructions": "instructions", "model": "deployment", "tools": "tools"}
_CODE_INTERPRETER: Final[AssistantTool] = {"type": "code_interpreter"}


@router.post("/assistant/save")
async def save_assistant(
    session: SessionDep,
    playground: PlaygroundDep,
    assistant_id: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    instructions: Annotated[str, Form()] = "",
    deployment: Annotated[str, Form()] = "",
    code_interpreter: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Create the assistant or store its changes; a refusal keeps what was typed and says why at the field."""
    text = instructions.replace("\r\n", "\n")
    fields = AssistantFields(assistant_id, name.strip(), text, deployment, bool(code_interpreter))
    try:
        assistant = await _save(session, fields)
    except AppError as error:
        errors = {_FIELD_OF_PARAM.get((error.param or "").partition("[")[0], "general"): error.message}
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


@router.post("/assistant/delete")
async def delete_assistant(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Delete the chosen assistant."""
    if session.chat.assistant_id:
        with session.calls():
            await session.client.beta.assistants.delete(session.chat.assistant_id)
    return await _panes(playground, await playground.choose(session, None))


@router.post("/starters/{key}")
async def use_starter(key: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Create the starter's assistant, unless it is there, and write its first message into the composer."""
    chosen = starter(key)
    assistant = await _starter_assistant(playground, session, chosen)
    session = await playground.choose(session, assistant.id)
    context = await setup_context(playground, session, is_saved=True)
    context |= chat_context(playground, session, draft=chosen.first_message)
    parts = [
        ("#setup", "outerHTML", "parts/setup/setup.html"),
        ("#conversation", "innerMorph", "parts/chat/items.html"),
        ("#composer", "outerHTML", "parts/chat/composer.html"),
    ]
    return HTMLResponse(playground.renderer.partials(parts, **context))


async def _panes(playground: Playground, session: Session, *, is_saved: bool = False) -> HTMLResponse:
    """Answer with the setup pane, and with the conversation, which names the assistant."""
    context = await setup_context(playground, session, is_saved=is_saved)
    context |= chat_context(playground, session)
    content = playground.renderer.render("parts/setup/setup.html", **context)
    conversation = playground.renderer.partials([("#conversation", "innerMorph", "parts/chat/items.html")], **context)
    return HTMLResponse(content + conversation)


async def _save(session: Session, fields: AssistantFields) -> Assistant:
    if not fields.deployment:
        raise InvalidRequest("Choose a deployment. None is on offer until a model is connected.", param="model")
    assistants = session.client.beta.assistants
    with session.calls():
        if not fields.assistant_id:
            return await assistants.create(
                model=fields.deployment,
                name=fields.name or None,
                instructions=fields.instructions,
                tools=[_CODE_INTERPRETER] if fields.code_interpreter else [],
            )
        stored = await assistants.retrieve(fields.assistant_id)
        return await assistants.update(
            fields.assistant_id,
            model=fields.deployment,
            name=fields.name,
            instructions=fields.instructions,
            tools=_changed_tools(stored, has_interpreter=fields.code_interpreter),
        )


def _changed_tools(stored: Assistant, *, has_interpreter: bool) -> list[AssistantTool]:
    """Keep the tools that the form does not show."""
    others = [cast("AssistantTool", tool.to_dict()) for tool in stored.tools if tool.type != "code_interpreter"]
    return [_CODE_INTERPRETER, *others] if has_interpreter else others


async def _starter_assistant(playground: Playground, session: Session, chosen: Starter) -> Assistant:
    with session.calls():
        async for assistant in session.client.beta.assistants.list(limit=100):
            if (assistant.name, assistant.instructions) == (chosen.name, chosen.instructions):
                return assistant
        models = [model async for model in session.client.models.list()]
    model = default_deployment(models, playground.services.facts())
    fields = AssistantFields(name=chosen.name, instructions=chosen.instructions, deployment=model)
    return await _save(session, fields)
