"""Links by which anybody may read a thread for a while: made, listed, revoked, known again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from app.clock import Clock
from app.database import Database
from app.errors import InvalidRequest, NotFound
from app.people.secrets import hashed, new_secret
from app.people.tables import people, thread_links

DAY_SECONDS: Final = 86_400.0
LINK_DAYS: Final = (1, 7, 30)
_MOST_LINKS: Final = 20


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A link, as its owner may see it."""

    id: str
    owner_id: str
    connection: str
    thread_id: str
    created_at: float
    expires_at: float


class ThreadLinks:
    """The links of one server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, owner_id: str, connection: str, thread_id: str, days: int) -> str:
        """Make a link and return its secret, this once; raises `InvalidRequest` when the thread has too many."""
        secret, now = new_secret(), self._clock.now()
        link_id = f"link_{secrets.token_hex(12)}"
        link = ThreadLink(link_id, owner_id, connection, thread_id, now, now + days * DAY_SECONDS)

        def store(unit: Connection) -> None:
            unit.execute(delete(thread_links).where(thread_links.c.expires_at <= now))
            if len(unit.execute(_of(owner_id, thread_id)).all()) >= _MOST_LINKS:
                raise InvalidRequest(f"This thread has {_MOST_LINKS} links. Revoke one that nobody needs.")
            values = {each.name: getattr(link, each.name) for each in fields(link)}
            unit.execute(insert(thread_links), {**values, "hash": hashed(secret)})

        await self._database.write(store)
        return secret

    async def list(self, owner_id: str, thread_id: str) -> list[ThreadLink]:
        """Return the links of a person's thread that still work, oldest first."""
        query = _of(owner_id, thread_id).where(thread_links.c.expires_at > self._clock.now())
        rows = await self._database.read(lambda unit: unit.execute(query).all())
        return [_link(row) for row in rows]

    async def revoke(self, owner_id: str, link_id: str) -> None:
        """Make a link useless at once; raises `NotFound`."""
        statement = delete(thread_links).where(thread_links.c.id == link_id, thread_links.c.owner_id == owner_id)
        if not await self._database.write(lambda unit: unit.execute(statement).rowcount):
            raise NotFound("This link is revoked already.")

    async def find(self, secret: str) -> ThreadLink:
        """Return the link with this secret, whose owner still may come in; raises `NotFound`."""
        query = (
            select(*_COLUMNS)
            .join(people, people.c.id == thread_links.c.owner_id)
            .where(thread_links.c.hash == hashed(secret), thread_links.c.expires_at > self._clock.now())
        )
        row = await self._database.read(lambda unit: unit.execute(query).first())
        if row is None:
            raise NotFound("This link has expired or was revoked. Ask for a new one.")
        return _link(row)


_COLUMNS = tuple(thread_links.c[each.name] for each in fields(ThreadLink))


def _of(owner_id: str, thread_id: str) -> Any:
    query = select(*_COLUMNS).where(thread_links.c.owner_id == owner_id, thread_links.c.thread_id == thread_id)
    return query.order_by(thread_links.c.created_at, thread_links.c.id)


def _link(row: Row[Any]) -> ThreadLink:
    return ThreadLink(**row._mapping)  # noqa: SLF001  The documented way to a row's names.
