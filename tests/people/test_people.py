from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from app.clock import FakeClock
from app.database import Database
from app.errors import NotFound, Unauthorized
from app.people.people import INVITATION_SECONDS, SIGN_IN_SECONDS, People
from app.people.tables import invitations, sign_ins


async def test_an_invitation_signs_in_once(people: People) -> None:
    secret = await people.invite("owner")
    assert await people.is_invitation(secret)
    person = await people.accept(secret, "  Ada \x00")
    assert (person.name, person.is_owner) == ("Ada", True)
    assert await people.has_owner()
    assert not await people.is_invitation(secret)
    with pytest.raises(Unauthorized, match="used or has expired"):
        await people.accept(secret, "Eve")


async def test_an_invitation_expires(people: People, clock: FakeClock) -> None:
    secret = await people.invite()
    clock.advance(INVITATION_SECONDS)
    with pytest.raises(Unauthorized):
        await people.accept(secret, "Late")


async def test_a_browser_is_known_until_it_signs_out_or_time_is_over(people: People, clock: FakeClock) -> None:
    person = await people.add("Ada")
    first, second = await people.sign_in(person), await people.sign_in(person)
    assert await people.signed_in(first) == person
    await people.sign_out(first)
    assert await people.signed_in(first) is None
    assert await people.signed_in(second) == person
    clock.advance(SIGN_IN_SECONDS)
    assert await people.signed_in(second) is None
    assert await people.signed_in("rubbish") is None


async def test_all_browsers_but_one_are_forgotten_at_once(people: People) -> None:
    ada, bob = await people.add("Ada"), await people.add("Bob")
    here, there, of_bob = [await people.sign_in(person) for person in (ada, ada, bob)]
    assert await people.count_sign_ins(ada.id, here) == 1
    assert await people.signed_in(there) == ada
    assert await people.sign_out_everywhere(ada.id, here) == 1
    assert [await people.signed_in(secret) for secret in (here, there, of_bob)] == [ada, None, bob]
    assert await people.sign_out_everywhere(ada.id) == 1
    assert await people.signed_in(here) is None


async def test_who_is_removed_is_let_in_no_more(people: People) -> None:
    person = await people.add("Ada")
    secret = await people.sign_in(person)
    await people.remove(person.id)
    assert await people.signed_in(secret) is None
    assert await people.list() == []
    with pytest.raises(NotFound):
        await people.remove(person.id)


async def test_an_identity_provider_names_the_same_person_each_time(people: People) -> None:
    first = await people.vouched("https://issuer|42", "Ada", "member")
    again = await people.vouched("https://issuer|42", "Ada Lovelace", "owner")
    assert again.id == first.id
    assert [(each.name, each.role) for each in await people.list()] == [("Ada Lovelace", "owner")]


async def test_no_secret_is_kept(people: People, database: Database) -> None:
    given = [await people.invite(), await people.sign_in(await people.add("Ada"))]
    kept = await database.read(
        lambda unit: [str(row) for table in (invitations, sign_ins) for row in unit.execute(select(table))]
    )
    assert not any(secret in row for secret in given for row in kept)


async def test_what_has_expired_is_deleted(people: People, clock: FakeClock, database: Database) -> None:
    await people.invite()
    clock.advance(INVITATION_SECONDS)
    await people.accept(await people.invite(), "Ada")
    assert await database.read(lambda unit: unit.execute(select(invitations)).all()) == []


async def test_one_who_comes_in_by_two_browsers_at_once_is_one_person(people: People) -> None:
    async with asyncio.TaskGroup() as tasks:
        coming = [tasks.create_task(people.vouched("issuer|1", "Ada", "member")) for _ in range(8)]
    assert len({task.result().id for task in coming}) == 1
    assert len(await people.list()) == 1


async def test_a_name_that_looks_like_anothers_gets_a_number(people: People) -> None:
    await people.add("Ada")
    looks = ["Ada", "ADA", " Ada\u200b", "Ada\u3164", "A\u202eda", "\uff21da", "Ada\u00a0"]
    named = [(await people.accept(await people.invite(), name)).name for name in looks]
    assert [name[-3:] for name in named] == [f"({number})" for number in range(2, 9)]
