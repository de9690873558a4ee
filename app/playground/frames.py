"""The frames of one page's event stream: what changed since the last one, as parts with their places on the page."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.connections.principal import current_principal
from app.playground.chat.lock import look
from app.playground.connections.resource import server_facts
from app.playground.drafts.waiting_run import called
from app.playground.panes import chat_context, sandbox_context, setup_context
from app.playground.views.notices import model_notices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import anyio

    from app.playground.facts import SandboxFacts, ServerFacts
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.views.chat import ChatView

_FRAME_SECONDS: Final = 0.1
_TICK_SECONDS: Final = 1.0
_LIFE_SECONDS: Final = 600.0
_ENDINGS: Final = {
    "completed": "The response is finished",
    "failed": "The run failed",
    "cancelled": "The run is stopped",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """HTML for the page, a sentence to announce, or word of log entries, with the journal number reached."""

    number: int
    html: str = ""
    announcement: str = ""
    has_log_news: bool = False


class Frames:
    """What one open page has been sent so far, and what it is to be sent next."""

    def __init__(self, playground: Playground, session: Session, after: int, closing: anyio.Event) -> None:
        facts = server_facts(playground, session)
        self._playground = playground
        self._session = session
        self._conversation = session.conversation
        self._number = after
        self._principal = current_principal() or ""
        self._closing = closing
        self._revision = -1
        self._epoch = -1
        self._known: set[str] = set()
        self._signals = 0
        self._notices = model_notices(facts)
        self._offer = _offer(facts)
        self._code = sandbox_context(session, facts.sandbox)
        self._was_active = session.conversation.active_run is not None
        self._was_waiting = False

    async def follow(self, is_let_in: Callable[[], Awaitable[bool]]) -> AsyncIterator[Frame]:
        """Yield a frame of everything that matters now, then one after each change; in the end pages reconnect.

        Who signs out elsewhere, or is removed, sees nothing more.
        """
        end = time.monotonic() + _LIFE_SECONDS
        while (began := time.monotonic()) < end and not self._closing.is_set() and await is_let_in():
            self._signals = self._conversation.signals
            facts = server_facts(self._playground, self._session)
            html = self._chat() + await self._models(facts) + self._sandbox(facts.sandbox)
            if html:
                yield Frame(self._number, html)
            if await self._has_log_news():
                yield Frame(self._number, has_log_news=True)
            announcement = self._announcement()
            if announcement:
                yield Frame(self._number, announcement=announcement)
            elapsed = time.monotonic() - began
            await look(self._playground, self._session)
            await self._conversation.wait(self._signals, _TICK_SECONDS)
            await self._pause(began, elapsed)

    async def _pause(self, began: float, cost_seconds: float) -> None:
        """Leave time between frames: at least a tenth of a second, up to a second when rendering is slow."""
        due = began + min(max(_FRAME_SECONDS, 4 * cost_seconds), _TICK_SECONDS)
        await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _chat(self) -> str:
        if self._revision == self._conversation.revision:
            return ""
        is_whole = self._epoch != self._conversation.epoch or not self._known
        after = -1 if is_whole else self._revision
        context = chat_context(self._playground, self._session, after_revision=after)
        chat: ChatView = context["chat"]  # type: ignore[assignment]  # chat_context puts it there.
        self._revision, self._epoch = self._conversation.revision, self._conversation.epoch
        renderer = self._playground.renderer
        if is_whole:
            html = renderer.partials([("#conversation", "innerMorph", "parts/chat/items.html")], **context)
        else:
            html = "".join(
                renderer.partials([self._place(item.id, item.template)], **context, item=item) for item in chat.items
            )
        self._known = {item.id for item in chat.items} | (set() if is_whole else self._known)
        around = [
            ("#tokens", "outerMorph", "parts/chat/tokens.html"),
            ("#run-state", "outerMorph", "parts/chat/run_state.html"),
            ("#lock-alarm", "outerMorph", "parts/chat/lock_alarm.html"),
            ("#composer-actions", "outerMorph", "parts/chat/composer_actions.html"),
        ]
        return html + renderer.partials(around, **context)

    def _place(self, item_id: str, template: str) -> tuple[str, str, str]:
        if item_id in self._known:
            return f"#{item_id}", "outerMorph", template
        return "#conversation", "beforeend", template

    async def _has_log_news(self) -> bool:
        """Tell whether anything was written for this person; the logs pane asks for what matches its filter."""
        number = await self._session.journal.news.number(self._principal)
        if number <= self._number:
            return False
        self._number = number
        return True

    async def _models(self, facts: ServerFacts) -> str:
        """Return what is new about the models: how far the weights are, and which deployments there are."""
        notices, offer = model_notices(facts), _offer(facts)
        if (notices, offer) == (self._notices, self._offer):
            return ""
        places = [
            ("#model-notice", "outerMorph", "parts/chat/model_notice.html"),
            ("#provider-notice", "outerMorph", "parts/setup/model_notice.html"),
        ]
        context: dict[str, object] = {"notices": notices}
        if offer != self._offer:
            places.append(("#deployment-field", "outerMorph", "parts/setup/deployment.html"))
            context = await setup_context(self._playground, self._session)
        self._notices, self._offer = notices, offer
        return self._playground.renderer.partials(places, **context)

    def _sandbox(self, facts: SandboxFacts) -> str:
        """Return where code runs, once that has been tried."""
        code = sandbox_context(self._session, facts)
        if code == self._code:
            return ""
        self._code = code
        return self._playground.renderer.partials(
            [("#sandbox-hint", "outerHTML", "parts/setup/sandbox_hint.html")], **code
        )

    def _announcement(self) -> str:
        """Return what a screen reader says when a run begins or ends."""
        run = self._conversation.active_run
        is_active, was_waiting = run is not None, self._was_waiting
        self._was_waiting = run is not None and run.status == "requires_action"
        if run is not None and self._was_waiting and not was_waiting:
            return f"The assistant waits for the output of {' and '.join(called(run)) or 'a function'}"
        if is_active == self._was_active:
            return ""
        self._was_active = is_active
        if is_active:
            return "The assistant is responding"
        last = next(reversed(self._conversation.runs.values()), None)
        return _ENDINGS.get(last.status if last else "", "The run has ended")


def _offer(facts: ServerFacts) -> tuple[object, ...]:
    """Return what decides which deployments there are."""
    up = tuple(provider.name for provider in facts.providers if provider.is_up)
    return facts.builtin_model, facts.default_model, facts.weights.state == "ready", up
