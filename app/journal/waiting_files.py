"""Files that wait in a chat session's composer: uploaded, each with its use, and not sent yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from app.journal import tables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection

    from app.clock import Clock
    from app.database import Database

_TABLE = tables.waiting_files
_COLUMNS = _TABLE.c


class WaitingFiles:
    """The files in the database, a row for each, so that two uploads at a time don't lose one another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, chat_id: str, file_id: str, use: str) -> None:
        """Let the file wait in the chat's composer, after those that are there."""
        row = {"chat_id": chat_id, "file_id": file_id, "use": use, "uploaded_at": self._clock.now()}
        await self._database.write(lambda unit: unit.execute(insert(_TABLE), row))

    async def of_chat(self, chat_id: str) -> dict[str, str]:
        """Return the uses of the chat's files by the files' ids, in the order of the uploads."""
        statement = select(_COLUMNS.file_id, _COLUMNS.use).where(_COLUMNS.chat_id == chat_id)
        statement = statement.order_by(_COLUMNS.uploaded_at, _COLUMNS.file_id)
        rows = await self._database.read(lambda unit: unit.execute(statement).all())
        return {row.file_id: row.use for row in rows}

    async def choose(self, chat_id: str, uses: Mapping[str, str]) -> None:
        """Note what files are for; those that do not wait any more stay away."""

        def write(unit: Connection) -> None:
            for file_id, use in uses.items():
                unit.execute(update(_TABLE).where(_are(chat_id, [file_id])).values(use=use))

        await self._database.write(write)

    async def forget(self, chat_id: str, file_ids: Collection[str]) -> None:
        """Forget files that were sent, removed or deleted."""
        if file_ids:
            await self._database.write(lambda unit: unit.execute(delete(_TABLE).where(_are(chat_id, file_ids))))


def _are(chat_id: str, file_ids: Collection[str]) -> ColumnElement[bool]:
    return (_COLUMNS.chat_id == chat_id) & _COLUMNS.file_id.in_(file_ids)
