"""Routes of the run options: what overrides the assistant in the next runs, kept until it is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from app.errors import AppError
from app.playground.chat.run_option_fields import RefusedOptions, RunOptionFields, fields_of, read_options
from app.playground.connections.resource import models_of
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.panes import chat_context
from app.wire.tools import ReasoningEffort

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/run-options")


@router.get("")
async def show_run_options(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the form."""
    return HTMLResponse(await _form(playground, session, fields_of(session.chat.run_options), {}))


@router.post("")
async def save_run_options(
    session: SessionDep, playground: PlaygroundDep, fields: Annotated[RunOptionFields, Form()]
) -> HTMLResponse:
    """Keep the options, or show the form again with the reasons beside its fields."""
    try:
        options = read_options(fields)
    except RefusedOptions as refused:
        return HTMLResponse(await _form(playground, session, fields, refused.reasons), 422)
    return await _kept(playground, session, options)


@router.post("/clear")
async def clear_run_options(session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Leave everything to the assistant again."""
    return await _kept(playground, session, {})


async def _kept(playground: Playground, session: Session, options: dict[str, Any]) -> HTMLResponse:
    session = await playground.keep_run_options(session, options)
    return HTMLResponse(playground.renderer.render("parts/chat/run_options.html", **chat_context(playground, session)))


async def _form(playground: Playground, session: Session, fields: RunOptionFields, reasons: Mapping[str, str]) -> str:
    models, choices = await _offers(session)
    if fields.tool_choice and fields.tool_choice not in choices:
        choices[fields.tool_choice] = fields.tool_choice
    return playground.renderer.render(
        "parts/chat/run_options_form.html",
        chat_id=session.chat.id,
        fields=fields,
        reasons=reasons,
        models=models,
        choices=choices,
        efforts=[(effort, effort.capitalize()) for effort in get_args(ReasoningEffort)],
    )


async def _offers(session: Session) -> tuple[list[str], dict[str, str]]:
    """Return the deployments and the tools to choose from; without an answer the fields still take free text."""
    choices = {"auto": "Auto", "none": "None", "required": "Required: call some tool"}
    try:
        models = [model.id for model in await models_of(session)]
        with session.calls():
            if session.chat.assistant_id:
                assistant = await session.client.beta.assistants.retrieve(session.chat.assistant_id)
                choices |= dict(_choice(tool.to_dict()) for tool in assistant.tools)
    except AppError:
        return [], choices
    return models, choices


def _choice(tool: Mapping[str, Any]) -> tuple[str, str]:
    if tool["type"] == "function":
        name = tool["function"]["name"]
        return f"function:{name}", f"Function {name}"
    return tool["type"], tool["type"].replace("_", " ").capitalize()
