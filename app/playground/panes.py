"""Gathers what the panes show."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.errors import AppError
from app.playground import function_calls
from app.playground.drafts.message import MessageDraft
from app.playground.drafts.step import StepDraft
from app.playground.drafts.surroundings import Surroundings
from app.playground.run_option_fields import LABELS
from app.playground.lock import lock_view
from app.playground.starters import STARTERS
from app.playground.views.chat import ChatView
from app.playground.views.notices import model_notices
from app.playground.views.setup import (
    AssistantFields,
    SetupView,
    assistant_fields,
    assistant_options,
    default_deployment,
    deployment_groups,
    deployment_hint,
    sandbox_hint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.connections.types import Assistant, Model
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.views.chat import ItemView

_PAGE: Final = 100


async def setup_context(
    playground: Playground,
    session: Session,
    *,
    fields: AssistantFields | None = None,
    errors: Mapping[str, str] | None = None,
    is_saved: bool = False,
) -> dict[str, object]:
    """Return what the setup pane's templates need; `fields` are what a person typed, where that was refused."""
    facts = playground.services.facts()
    assistants, models, failure = await _offers(session)
    session.conversation.names = _names(assistants)
    shown = fields or _chosen_fields(session, assistants, default_deployment(models, facts))
    setup = SetupView(
        assistants=assistant_options(assistants),
        fields=shown,
        deployment_groups=deployment_groups(models, facts, shown.deployment),
        deployment_hint=deployment_hint(models, facts),
        sandbox_hint=sandbox_hint(facts.sandbox),
        has_sandbox=facts.sandbox.tier is not None,
        saved_at=datetime.now().astimezone().strftime("%H:%M") if is_saved else "",
        errors=errors or ({"general": failure} if failure else {}),
    )
    return {"setup": setup, "notices": model_notices(facts), "chat_id": session.chat.id}


async def learn_names(session: Session) -> None:
    """Ask for the assistants' names, for a conversation that no page load has prepared (after a restart)."""
    assistants, _models, _failure = await _offers(session)
    session.conversation.names = _names(assistants)


def chat_context(playground: Playground, session: Session, draft: str = "") -> dict[str, object]:
    """Return what the chat pane's templates need."""
    conversation = session.conversation
    chat = ChatView(
        thread_id=conversation.thread_id or "",
        items=tuple(item_views(playground, session)),
        run=conversation.run_view(),
        tokens=conversation.tokens,
        cost=playground.services.prices.of_runs(conversation.runs.values()),
        lock=lock_view(conversation),
        assistant_name=conversation.names.get(session.chat.assistant_id or "", ""),
        starters=STARTERS,
        draft=draft,
        run_options=tuple(LABELS.get(name, name) for name in session.chat.run_options),
    )
    return {"chat": chat, "chat_id": session.chat.id, "composer_error": ""}


def item_views(playground: Playground, session: Session, after_revision: int = -1) -> list[ItemView]:
    """Return the conversation's items that changed after the revision."""
    path, changed = playground.renderer.path, session.conversation.changed_since(after_revision)
    around = Surroundings(
        session.conversation.names,
        lambda file_id: path("file_content", chat_id=session.chat.id, file_id=file_id),
        _cited(session) if any(isinstance(draft, StepDraft) for draft in changed) else frozenset(),
        session.conversation.files,
    )
    around = function_calls.surroundings(around, session.conversation, playground.services.prices)
    return [draft.view(around) for draft in changed if _has_content(draft)]


def _cited(session: Session) -> frozenset[tuple[str, str]]:
    messages = (draft for draft in session.conversation.drafts if isinstance(draft, MessageDraft))
    return frozenset(passage for message in messages for passage in message.cited)


def _has_content(draft: object) -> bool:
    if isinstance(draft, MessageDraft):
        return draft.is_done or any(part.text or part.image_id for part in draft.parts.values())
    return not isinstance(draft, StepDraft) or bool(draft.calls)


def _names(assistants: list[Assistant]) -> dict[str, str]:
    return {assistant.id: assistant.name or "Assistant" for assistant in assistants}


async def _offers(session: Session) -> tuple[list[Assistant], list[Model], str]:
    try:
        with session.calls():
            assistants = [each async for each in session.client.beta.assistants.list(limit=_PAGE)]
            models = [each async for each in session.client.models.list()]
    except AppError as error:
        return [], [], error.message
    return assistants, models, ""


def _chosen_fields(session: Session, assistants: list[Assistant], default_model: str) -> AssistantFields:
    for assistant in assistants:
        if assistant.id == session.chat.assistant_id:
            return assistant_fields(assistant)
    return AssistantFields(deployment=default_model)
