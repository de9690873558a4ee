"""The page's chat sessions: which connection, assistant and thread each one shows, and to whom."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import Row, insert, select, update

from app.errors import NotFound
from app.journal import tables
from app.journal.entry import LOCAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement

    from app.clock import Clock
    from app.database import Database


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat session; its id is unguessable and is the `session_id` of its journal entries."""

    id: str
    connection: str
    assistant_id: str | None
    thread_id: str | None
    created_at: float
    updated_at: float
    run_options: dict[str, Any] = field(default_factory=dict)
    """What overrides the assistant in the next runs, in the API's words."""
    owner_id: str = LOCAL


class ChatChanges(TypedDict, total=False):
    """What may change in a chat session."""

    connection: str
    assistant_id: str | None
    thread_id: str | None
    run_options: dict[str, Any]


class Chats:
    """The chat sessions in the database; each call is for the person whom `whose` names at that time."""

    def __init__(self, database: Database, clock: Clock, whose: Callable[[], str] = lambda: LOCAL) -> None:
        self._database = database
        self._clock = clock
        self._whose = whose

    async def create(self, connection: str, assistant_id: str | None = None, thread_id: str | None = None) -> Chat:
        """Begin a chat session on the connection of that name."""
        now = self._clock.now()
        new_id, owner_id = "chat_" + secrets.token_urlsafe(18), self._whose()
        chat = Chat(new_id, connection, assistant_id, thread_id, now, now, owner_id=owner_id)
        values = {name: getattr(chat, name) for name in chat.__slots__}
        await self._database.write(lambda unit: unit.execute(insert(tables.chats), values))
        return chat

    async def get(self, chat_id: str) -> Chat:
        """Return the chat session, or raise `NotFound`."""
        statement = select(tables.chats).where(tables.chats.c.id == chat_id, self._is_own())
        row = await self._database.read(lambda unit: unit.execute(statement).first())
        return _chat(row, chat_id)

    async def update(self, chat_id: str, **changes: Unpack[ChatChanges]) -> Chat:
        """Change what is named and leave the rest."""
        statement = update(tables.chats).where(tables.chats.c.id == chat_id, self._is_own())
        statement = statement.values(**changes, updated_at=self._clock.now())
        returning = statement.returning(*tables.chats.c)
        row = await self._database.write(lambda unit: unit.execute(returning).first())
        return _chat(row, chat_id)

    async def list(self, limit: int = 50) -> list[Chat]:
        """Return the chat sessions used last, newest first."""
        return list(await self._newest(limit))

    async def of_thread(self, connection: str, thread_id: str) -> Chat | None:
        """Return the chat session that showed the thread last, if any did."""
        chats = tables.chats.c
        found = await self._newest(1, chats.connection == connection, chats.thread_id == thread_id)
        return found[0] if found else None

    async def with_threads(self, connection: str, limit: int) -> Sequence[Chat]:
        """Return the connection's chat sessions that have a thread, newest first."""
        chats = tables.chats.c
        return await self._newest(limit, chats.connection == connection, chats.thread_id.is_not(None))

    async def _newest(self, limit: int, *conditions: ColumnElement[bool]) -> Sequence[Chat]:
        statement = select(tables.chats).where(self._is_own(), *conditions)
        statement = statement.order_by(tables.chats.c.updated_at.desc(), tables.chats.c.id).limit(limit)
        rows = await self._database.read(lambda unit: unit.execute(statement).all())
        return [_chat(row, "") for row in rows]

    def _is_own(self) -> ColumnElement[bool]:
        return tables.chats.c.owner_id == self._whose()


def _chat(row: Row[tuple[object, ...]] | None, chat_id: str) -> Chat:
    if row is None:
        raise NotFound(f"There is no chat session '{chat_id}'.")
    return Chat(**row._mapping)  # noqa: SLF001  The documented way to a row's names.
