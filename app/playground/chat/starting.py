"""The route that begins with one of the starters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.playground.chat.starters import Starter, starter
from app.playground.connections.resource import models_of, server_facts
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.attachments import waiting_attachments
from app.playground.panes import chat_context, setup_context
from app.playground.setup.assistant_form import new_fields
from app.playground.setup.setup import store_assistant
from app.playground.views.deployments import default_deployment

if TYPE_CHECKING:
    from app.connections.types import Assistant
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")


@router.post("/starters/{key}")
async def use_starter(key: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Create the starter's assistant, unless it is there, and write its first message into the composer."""
    chosen = starter(key)
    assistant = await _starter_assistant(playground, session, chosen)
    session = await playground.choose(session, assistant.id)
    context = await setup_context(playground, session, is_saved=True)
    context |= chat_context(playground, session, draft=chosen.first_message)
    session.conversation.renew()
    context["keeps_actions"] = True
    context["attachments"] = await waiting_attachments(playground, session)
    parts = [
        ("#setup", "outerHTML", "parts/setup/setup.html"),
        ("#composer", "outerHTML", "parts/chat/composer.html"),
    ]
    return HTMLResponse(playground.renderer.partials(parts, **context))


async def _starter_assistant(playground: Playground, session: Session, chosen: Starter) -> Assistant:
    with session.calls():
        async for assistant in session.client.beta.assistants.list(limit=100):
            if (assistant.name, assistant.instructions) == (chosen.name, chosen.instructions):
                return assistant
    fields = new_fields(default_deployment(await models_of(session), server_facts(playground, session)))
    filled = fields.model_copy(update={"name": chosen.name, "instructions": chosen.instructions})
    return await store_assistant(session, filled)
