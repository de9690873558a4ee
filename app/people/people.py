"""People: invited, signed in, known again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import Clock
from app.database import Database
from app.errors import NotFound, Unauthorized
from app.people.names import clean_name, told_apart
from app.people.secrets import hashed, new_secret
from app.people.tables import invitations, people, person_limits, sign_ins, thread_links

Role = Literal["owner", "member"]
SIGN_IN_SECONDS: Final = 30 * 86_400.0
INVITATION_SECONDS: Final = 3 * 86_400.0
_SEEN_SECONDS: Final = 5.0
_MOST_SEEN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the server; an owner may change what concerns everybody."""

    id: str
    name: str
    role: Role

    @property
    def is_owner(self) -> bool:
        """Whether the person runs the server."""
        return self.role == "owner"


class People:
    """The people of one server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen: dict[str, tuple[Person | None, float]] = {}

    async def list(self) -> list[Person]:
        """Return everybody, in the order in which they came."""
        query = select(people).order_by(people.c.created_at, people.c.id)
        rows = await self._database.read(lambda unit: unit.execute(query).all())
        return [_person(row) for row in rows]

    async def name_of(self, person_id: str) -> str:
        """Return somebody's name, also of who was removed."""
        query = select(people.c.name).where(people.c.id == person_id)
        return str(await self._database.read(lambda unit: unit.execute(query).scalar()) or "somebody who left")

    async def has_owner(self) -> bool:
        """Tell whether somebody runs the server already."""
        query = select(func.count()).where(people.c.role == "owner")
        return bool(await self._database.read(lambda unit: unit.execute(query).scalar_one()))

    async def add(self, name: str, role: Role = "member") -> Person:
        """Add somebody of that name."""
        return await self._database.write(lambda unit: self._insert_chosen(unit, name, role))

    async def vouched(self, subject: str, name: str, role: Role) -> Person:
        """Return the person whom an identity provider calls `subject`, added when new; name and role are kept fresh."""

        def find(unit: Connection) -> Person:
            row = unit.execute(select(people).where(people.c.subject == subject)).first()
            if row is None:
                return self._insert(unit, name, role, subject)
            person = Person(row.id, clean_name(name, "Somebody"), role)
            unit.execute(update(people).where(people.c.id == row.id).values(name=person.name, role=role))
            return person

        try:
            return await self._database.write(find)
        except IntegrityError:  # Somebody new came in by two browsers at once, and the other one was first.
            return await self._database.write(find)

    async def remove(self, person_id: str) -> None:
        """Let somebody in no more; raises `NotFound`."""

        def forget(unit: Connection) -> int:
            unit.execute(delete(sign_ins).where(sign_ins.c.person_id == person_id))
            unit.execute(delete(thread_links).where(thread_links.c.owner_id == person_id))
            unit.execute(delete(person_limits).where(person_limits.c.person_id == person_id))
            return unit.execute(delete(people).where(people.c.id == person_id)).rowcount

        is_gone = await self._database.write(forget)
        self._seen.clear()  # Not before: whoever asks meanwhile would be remembered.
        if not is_gone:
            raise NotFound("This person is not here any more.")

    async def invite(self, role: Role = "member") -> str:
        """Return the secret of a link that signs somebody in once, within three days."""
        return await self._give_out(invitations, INVITATION_SECONDS, role=role)

    async def is_invitation(self, secret: str) -> bool:
        """Tell whether a link with this secret still works."""
        query = select(invitations.c.hash).where(*self._open_invitation(secret))
        return await self._database.read(lambda unit: unit.execute(query).first()) is not None

    async def accept(self, secret: str, name: str) -> Person:
        """Use an invitation up and add the person; raises `Unauthorized`."""

        def use(unit: Connection) -> Person:
            used = unit.execute(delete(invitations).where(*self._open_invitation(secret)).returning(invitations.c.role))
            row = used.first()
            if row is None:
                raise Unauthorized("This link was used or has expired. Ask for a new one.")
            return self._insert_chosen(unit, name, row.role)

        return await self._database.write(use)

    async def sign_in(self, person: Person) -> str:
        """Return the secret by which a browser is known for thirty days."""
        return await self._give_out(sign_ins, SIGN_IN_SECONDS, person_id=person.id)

    async def signed_in(self, secret: str) -> Person | None:
        """Return who is signed in with this secret; an answer is good for some seconds, as a page asks many times."""
        person, until = self._seen.get(secret, (None, 0.0))
        if until > self._clock.now() or not secret:
            return person
        person = await self._find_signed_in(secret)
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[secret] = person, self._clock.now() + _SEEN_SECONDS
        return person

    async def sign_out(self, secret: str) -> None:
        """Forget a browser."""
        statement = delete(sign_ins).where(sign_ins.c.hash == hashed(secret))
        await self._database.write(lambda unit: unit.execute(statement))
        self._seen.clear()

    async def count_sign_ins(self, person_id: str, except_secret: str = "") -> int:
        """Return in how many browsers somebody is signed in, but for the one with the secret."""
        query = select(func.count()).where(
            *_others(person_id, except_secret), sign_ins.c.expires_at > self._clock.now()
        )
        return await self._database.read(lambda unit: unit.execute(query).scalar_one())

    async def sign_out_everywhere(self, person_id: str, except_secret: str = "") -> int:
        """Forget all browsers of somebody, but for the one with the secret; return how many they were."""
        statement = delete(sign_ins).where(*_others(person_id, except_secret))
        count = await self._database.write(lambda unit: unit.execute(statement).rowcount)
        self._seen.clear()
        return count

    async def _find_signed_in(self, secret: str) -> Person | None:
        query = (
            select(people)
            .join(sign_ins, sign_ins.c.person_id == people.c.id)
            .where(sign_ins.c.hash == hashed(secret), sign_ins.c.expires_at > self._clock.now())
        )
        row = await self._database.read(lambda unit: unit.execute(query).first())
        return _person(row) if row is not None else None

    async def _give_out(self, table: Table, seconds: float, **values: str) -> str:
        """Store a new secret's hash, and let go of those that have expired; return the secret."""
        secret, now = new_secret(), self._clock.now()

        def store(unit: Connection) -> None:
            unit.execute(delete(table).where(table.c.expires_at <= now))
            unit.execute(insert(table), {**values, "hash": hashed(secret), "expires_at": now + seconds})

        await self._database.write(store)
        return secret

    def _open_invitation(self, secret: str) -> tuple[Any, ...]:
        return invitations.c.hash == hashed(secret), invitations.c.expires_at > self._clock.now()

    def _insert_chosen(self, unit: Connection, name: str, role: Role) -> Person:
        """Add somebody who chose the name; owners must be able to tell people apart."""
        taken = unit.execute(select(people.c.name)).scalars()
        return self._insert(unit, told_apart(clean_name(name, "Somebody"), taken), role, None)

    def _insert(self, unit: Connection, name: str, role: Role, subject: str | None) -> Person:
        person = Person(f"person_{secrets.token_hex(12)}", clean_name(name, "Somebody"), role)
        values = {"id": person.id, "name": person.name, "role": role, "subject": subject}
        unit.execute(insert(people), {**values, "created_at": self._clock.now()})
        return person


def _others(person_id: str, except_secret: str) -> tuple[Any, ...]:
    return sign_ins.c.person_id == person_id, sign_ins.c.hash != hashed(except_secret)


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.name, row.role)
