"""The keys with which people's programs call the API: made, listed, revoked, known again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.clock import Clock
from app.database import Database
from app.errors import InvalidRequest, NotFound
from app.people.names import clean_name
from app.people.secrets import hashed, new_secret
from app.people.tables import api_keys, people

_PREFIX: Final = "pg-"
_HINT: Final = len(_PREFIX) + 4
_MOST_KEYS: Final = 50
_USE_SECONDS: Final = 60.0
"""Uses that come sooner after one another are not written down."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, as its person may see it."""

    id: str
    name: str
    hint: str
    created_at: float
    used_at: float | None


class Keys:
    """The keys of one server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def make(self, person_id: str, name: str) -> tuple[Key, str]:
        """Make a key; its secret is returned this once. Raises `InvalidRequest` when there are too many."""
        secret = new_secret(_PREFIX)
        key = Key(
            f"key_{secrets.token_hex(12)}", clean_name(name, "Key"), f"{secret[:_HINT]}…", self._clock.now(), None
        )

        def store(unit: Connection) -> None:
            if len(unit.execute(select(api_keys.c.id).where(api_keys.c.person_id == person_id)).all()) >= _MOST_KEYS:
                raise InvalidRequest(f"You have {_MOST_KEYS} keys. Revoke one that you do not need.")
            values = {name: getattr(key, name) for name in key.__slots__}
            unit.execute(insert(api_keys), {**values, "person_id": person_id, "hash": hashed(secret)})

        await self._database.write(store)
        return key, secret

    async def list(self, person_id: str) -> list[Key]:
        """Return a person's keys, oldest first."""
        query = select(api_keys).where(api_keys.c.person_id == person_id).order_by(api_keys.c.created_at)
        rows = await self._database.read(lambda unit: unit.execute(query).all())
        return [_key(row) for row in rows]

    async def revoke(self, person_id: str, key_id: str) -> None:
        """Make a key useless at once; raises `NotFound`."""
        statement = delete(api_keys).where(api_keys.c.id == key_id, api_keys.c.person_id == person_id)
        if not await self._database.write(lambda unit: unit.execute(statement).rowcount):
            raise NotFound("This key is revoked already.")

    async def person_of(self, secret: str) -> str | None:
        """Return the id of the person whose key this is; a use is noted once a minute."""
        if not secret.startswith(_PREFIX):
            return None
        query = (
            select(api_keys.c.id, api_keys.c.person_id, api_keys.c.used_at)
            .join(people, people.c.id == api_keys.c.person_id)
            .where(api_keys.c.hash == hashed(secret))
        )
        row = await self._database.read(lambda unit: unit.execute(query).first())
        if row is None:
            return None
        now = self._clock.now()
        if row.used_at is None or row.used_at < now - _USE_SECONDS:
            used = update(api_keys).where(api_keys.c.id == row.id).values(used_at=now)
            await self._database.write(lambda unit: unit.execute(used))
        return str(row.person_id)


def _key(row: Row[Any]) -> Key:
    return Key(row.id, row.name, row.hint, row.created_at, row.used_at)
