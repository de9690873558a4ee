"""Gathers what the panes show."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from app.errors import AppError, NotFound
from app.playground.calls import function_calls
from app.playground.chat.lock import lock_view
from app.playground.chat.run_option_fields import LABELS
from app.playground.chat.starters import STARTERS
from app.playground.connections.resource import (
    REMOTE_SANDBOX,
    models_of,
    remote_deployment_hint,
    resource_view,
    server_facts,
)
from app.playground.drafts.message import MessageDraft
from app.playground.drafts.step import StepDraft
from app.playground.drafts.surroundings import Surroundings
from app.playground.files.code_files import assistant_files
from app.playground.files.file_uses import abilities_of
from app.playground.setup.assistant_form import AssistantFields, fields_of, new_fields
from app.playground.sharing import sharing_of
from app.playground.views.chat import ChatView
from app.playground.views.deployments import default_deployment, deployment_groups, deployment_hint
from app.playground.views.notices import model_notices
from app.playground.views.setup import SetupView, is_confined, sandbox_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.connections.types import Assistant, Model
    from app.playground.drafts.draft import Draft
    from app.playground.facts import SandboxFacts
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.views.chat import ItemView

_PAGE: Final = 100


async def setup_context(
    playground: Playground,
    session: Session,
    *,
    fields: AssistantFields | None = None,
    filled: AssistantFields | None = None,
    notes: tuple[str, ...] = (),
    errors: Mapping[str, str] | None = None,
    is_saved: bool = False,
) -> dict[str, object]:
    """Return what the setup pane's templates need.

    `fields` are what a person typed, where that was refused; `filled` is a copy or an import, with `notes` about it.
    """
    facts = server_facts(playground, session)
    chosen, models, failure = await _offers(session)
    stored = fields_of(chosen) if chosen else new_fields(default_deployment(models, facts))
    shown = fields or filled or stored
    setup = SetupView(
        fields=shown,
        deployment_groups=deployment_groups(models, facts),
        deployment_hint=(
            remote_deployment_hint(models, session.connection.host, shown.deployment)
            if session.connection.is_remote
            else deployment_hint(models, facts, shown.deployment)
        ),
        stamp=shown.stamp if fields or filled else secrets.token_hex(4),
        saved_at=datetime.now().astimezone().strftime("%H:%M") if is_saved else "",
        notes=notes,
        errors=errors or ({"general": failure} if failure else {}),
    )
    sharing = await sharing_of(playground, session, f"/assistants/{chosen.id}") if chosen and not filled else None
    owner_name = sharing.owner_name if sharing else ""
    files = await assistant_files(session, shown.code_file_ids, shown.vector_store_id, owner_name)
    return {
        "setup": setup,
        "sharing": sharing,
        "assistant_files": files,
        "notices": model_notices(facts),
        "resource": resource_view(playground, session),
        "chat_id": session.chat.id,
        **sandbox_context(session, facts.sandbox),
    }


def sandbox_context(session: Session, facts: SandboxFacts) -> dict[str, object]:
    """Return where the session's code runs, or why it does not."""
    if session.connection.is_remote:
        return {"sandbox_hint": REMOTE_SANDBOX, "is_confined": True}
    return {"sandbox_hint": sandbox_hint(facts), "is_confined": is_confined(facts)}


async def learn_names(session: Session) -> None:
    """Ask for the assistants' names, for a conversation that no page load has prepared (after a restart)."""
    await _offers(session)


def chat_context(
    playground: Playground,
    session: Session,
    draft: str = "",
    *,
    role: Literal["user", "assistant"] = "user",
    after_revision: int = -1,
) -> dict[str, object]:
    """Return what the chat pane's templates need, with the items that changed after the revision."""
    conversation = session.conversation
    chat = ChatView(
        thread_id=conversation.thread_id or "",
        items=tuple(item_views(playground, session, after_revision)),
        older=conversation.older,
        run=conversation.run_view(),
        tokens=conversation.tokens,
        cost=playground.services.prices.of_runs(conversation.runs.values()),
        lock=lock_view(conversation),
        assistant_name=conversation.names.get(conversation.assistant_id or "", ""),
        starters=STARTERS,
        draft=draft,
        role=role,
        run_options=tuple(LABELS.get(name, name) for name in session.chat.run_options),
    )
    return {"chat": chat, "chat_id": session.chat.id, "composer_error": "", "keeps_actions": False}


def item_views(playground: Playground, session: Session, after_revision: int = -1) -> list[ItemView]:
    """Return the conversation's items that changed after the revision."""
    return draft_views(playground, session, session.conversation.changed_since(after_revision))


def draft_views(
    playground: Playground, session: Session, changed: Sequence[Draft], file_url: Callable[[str], str] | None = None
) -> list[ItemView]:
    """Return drafts as the page shows them; `file_url` where files are not read through the chat session."""
    path = playground.renderer.path
    around = Surroundings(
        session.conversation.names,
        file_url or (lambda file_id: path("file_content", chat_id=session.chat.id, file_id=file_id)),
        files=session.conversation.files,
        cited=_cited(session) if any(isinstance(draft, StepDraft) for draft in changed) else frozenset(),
        can_edit=session.has_extensions,
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


async def _offers(session: Session) -> tuple[Assistant | None, list[Model], str]:
    """Return the chosen assistant, the models, and why they could not be had; notes the newest assistants' names."""
    chosen_id = session.chat.assistant_id
    try:
        with session.calls():
            assistants = (await session.client.beta.assistants.list(limit=_PAGE)).data
        models = await models_of(session)
        chosen = next((each for each in assistants if each.id == chosen_id), None) or await _find(session, chosen_id)
    except AppError as error:
        return None, [], error.message
    named = [*assistants, chosen] if chosen else assistants
    session.conversation.names |= {assistant.id: assistant.name or "Assistant" for assistant in named}
    session.conversation.abilities |= abilities_of(named, models)
    return chosen, models, ""


async def _find(session: Session, assistant_id: str | None) -> Assistant | None:
    """Return an older assistant, or nothing where it was deleted meanwhile."""
    if assistant_id is None:
        return None
    try:
        with session.calls():
            return await session.client.beta.assistants.retrieve(assistant_id)
    except NotFound:
        return None
