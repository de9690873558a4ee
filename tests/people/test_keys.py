from __future__ import annotations

import pytest

from app.clock import FakeClock
from app.errors import InvalidRequest, NotFound
from app.people.keys import Keys
from app.people.people import People


async def test_a_key_stands_for_its_person_until_it_is_revoked(keys: Keys, people: People) -> None:
    ada, bob = await people.add("Ada"), await people.add("Bob")
    key, secret = await keys.make(ada.id, "notebook")
    assert await keys.person_of(secret) == ada.id
    assert secret.startswith(key.hint.removesuffix("…"))
    assert secret not in repr(await keys.list(ada.id))
    with pytest.raises(NotFound):
        await keys.revoke(bob.id, key.id)
    await keys.revoke(ada.id, key.id)
    assert await keys.person_of(secret) is None


async def test_the_last_use_is_noted(keys: Keys, people: People, clock: FakeClock) -> None:
    ada = await people.add("Ada")
    _key, secret = await keys.make(ada.id, "notebook")
    clock.advance(100)
    await keys.person_of(secret)
    assert [key.used_at for key in await keys.list(ada.id)] == [clock.now()]


async def test_the_keys_of_who_is_removed_are_worth_nothing(keys: Keys, people: People) -> None:
    ada = await people.add("Ada")
    _key, secret = await keys.make(ada.id, "notebook")
    await people.remove(ada.id)
    assert await keys.person_of(secret) is None


@pytest.mark.parametrize("secret", ["", "pg-", "pg-wrong", "sk-other"])
async def test_other_secrets_are_unknown(keys: Keys, secret: str) -> None:
    assert await keys.person_of(secret) is None


async def test_a_person_has_so_many_keys_at_most(keys: Keys, people: People) -> None:
    ada = await people.add("Ada")
    for _ in range(50):
        await keys.make(ada.id, "x")
    with pytest.raises(InvalidRequest, match="Revoke one"):
        await keys.make(ada.id, "x")
