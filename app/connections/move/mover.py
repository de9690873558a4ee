"""Carries a move out: files, then vector stores, then assistants, then threads."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from app.connections.failures import translated
from app.connections.move import objects, threads
from app.connections.move.report import MovedObject, MoveReport
from app.errors import AppError, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from openai import AsyncOpenAI

    from app.connections.abilities import Abilities
    from app.connections.connection import Connection
    from app.connections.move.report import ObjectKind, Outcome
    from app.journal.moves import Moves

_LOG = logging.getLogger(__name__)
_NOT_CARRIED: Final = "Runs and their steps stay at the origin; times are those of the move."
_NO_LIST: Final = "The service does not list its threads: those whose ids were given are moved."
_MOST_SILENCES: Final = 3
Copied = tuple[str, tuple[str, ...]]
"""The new id, and what could not be carried."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be moved."""

    thread_ids: Sequence[str] = ()
    assistants: bool = True
    listed_threads: bool = True


@dataclass(slots=True)
class Mover:
    """One move from a connection to the engine; what an earlier move carried is not carried again."""

    origin: AsyncOpenAI
    connection: Connection
    abilities: Abilities
    target: AsyncOpenAI
    moves: Moves
    report: MoveReport = field(default_factory=MoveReport)
    _silences: int = 0

    async def move(self, wanted: Wanted) -> MoveReport:
        """Move everything that is wanted; a failure of the whole is in the report."""
        try:
            if wanted.assistants:
                await self._assistants()
            await self._threads(wanted)
        except AppError as error:
            self.report.failure = error.message
        except Exception:
            _LOG.exception("The move from '%s' failed.", self.connection.name)
            self.report.failure = "It failed for a reason that the server's log tells."
        finally:
            self.report.is_done = True
            self.report.now = ""
        return self.report

    async def file(self, file_id: str) -> str:
        """Return the new id of a file, moved now where that is still to be done; empty where it can't be."""
        return await self._once("file", file_id, partial(objects.copy_file, self, file_id))

    async def file_of_store(self, file_id: str, store_id: str) -> str:
        """Return the new id of a store's file; where its bytes are not given out, its text is carried."""
        return await self._once("file", file_id, partial(objects.copy_file, self, file_id, store_id))

    async def store(self, store_id: str) -> str:
        """Return the new id of a vector store, moved now where that is still to be done; empty where it can't be."""
        return await self._once("vector_store", store_id, partial(objects.copy_store, self, store_id))

    async def _assistants(self) -> None:
        with translated(self.connection):
            async for assistant in self.origin.beta.assistants.list(limit=100):
                copy = partial(objects.copy_assistant, self, assistant)
                await self._once("assistant", assistant.id, copy, assistant.name or assistant.id)

    async def _threads(self, wanted: Wanted) -> None:
        self.report.add_note(_NOT_CARRIED)
        given = list(dict.fromkeys(wanted.thread_ids))
        listed: list[str] = []
        if wanted.listed_threads and self.abilities.lists_threads:
            with translated(self.connection):
                listed = await threads.listed_ids(self.origin)
        elif wanted.listed_threads:
            self.report.add_note(_NO_LIST)
        for thread_id in dict.fromkeys([*given, *listed]):
            await self._once("thread", thread_id, partial(threads.copy_thread, self, thread_id))

    async def _once(self, kind: ObjectKind, old_id: str, copy: Callable[[], Awaitable[Copied]], name: str = "") -> str:
        known = next((each for each in self.report.objects if (each.kind, each.old_id) == (kind, old_id)), None)
        if known is not None:
            return known.new_id
        earlier = await self.moves.find(self.connection.name, kind, old_id)
        if earlier is not None and earlier[1]:
            self.report.objects.append(MovedObject(kind, old_id, earlier[0], "earlier", name=name))
            return earlier[0]
        self.report.now = f"{kind.replace('_', ' ').capitalize()} {name or old_id}"
        try:
            with translated(self.connection):
                new_id, notes = await copy()
        except AppError as error:
            self.report.objects.append(MovedObject(kind, old_id, "", "failed", (error.message,), name))
            self._silences = self._silences + 1 if isinstance(error, UpstreamFailed) else 0
            if self._silences == _MOST_SILENCES:
                raise
            return ""
        self._silences = 0
        await self.moves.note(self.connection.name, kind, old_id, new_id)
        outcome: Outcome = "partly" if notes else "moved"
        self.report.objects.append(MovedObject(kind, old_id, new_id, outcome, notes, name))
        return new_id
