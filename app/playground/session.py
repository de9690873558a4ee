"""A chat session at work: its row, its connection's client and its conversation, for one request or one watcher."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.connections.failures import translated
from app.connections.principal import current_person
from app.connections.wirelog import recording
from app.playground.chat.locked import next_step_when_locked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.connections.abilities import Abilities
    from app.connections.connection import Connection
    from app.connections.types import Client
    from app.journal.call_outputs import CallOutputs
    from app.journal.chats import Chat
    from app.journal.exchange import Exchange
    from app.journal.journal import Journal
    from app.journal.mocks import Mocks
    from app.playground.chat.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Session:
    """What handlers and watchers of one chat session share."""

    chat: Chat
    client: Client
    conversation: Conversation
    journal: Journal
    mocks: Mocks
    outputs: CallOutputs
    connection: Connection
    abilities: Abilities

    @property
    def has_extensions(self) -> bool:
        """Whether the service lists and forks threads and edits messages."""
        return self.abilities.has_extensions

    @property
    def thread_id(self) -> str:
        """The id of the session's thread; the page makes one before it shows anything."""
        return self.chat.thread_id or ""

    @property
    def is_current(self) -> bool:
        """Whether the conversation still shows this session's thread: clearing the chat replaces it."""
        return self.conversation.thread_id == self.chat.thread_id

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Write the API calls made inside the block to the journal, and translate their failures."""
        with next_step_when_locked(self.conversation), recording(self._record), translated(self.connection):
            yield

    async def record_event(self, name: str, data: object, run_id: str | None) -> None:
        """Write a run's event to the journal."""
        await self.journal.record_event(
            self.chat.id, name, data, thread_id=self.thread_id, run_id=run_id, principal=current_person()
        )
        self.conversation.wake()

    async def _record(self, exchange: Exchange) -> None:
        await self.journal.record_exchange(
            self.chat.id, exchange, thread_id=self.chat.thread_id, principal=current_person()
        )
        self.conversation.wake()
