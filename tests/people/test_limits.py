"""Limits that owners set hold at once, for everybody or for one person, in every process."""

from __future__ import annotations

import pytest

from app.database import Database
from app.errors import NotFound
from app.limits import Limits
from app.people.limits import FOR_ALL, KeptLimits
from app.people.people import People

SETTINGS = Limits(runs_at_once=4, upload_mb=10)


async def holding(limits: KeptLimits, database: Database, person_id: str | None) -> Limits:
    return await database.read(lambda unit: limits.of(unit, person_id))


async def test_settings_hold_until_an_owner_says_otherwise(database: Database, people: People) -> None:
    limits, ada = KeptLimits(database, SETTINGS), await people.add("Ada")
    assert await holding(limits, database, ada.id) == SETTINGS
    await limits.set(FOR_ALL, Limits(runs_per_minute=30))
    assert await holding(limits, database, ada.id) == Limits(runs_per_minute=30)
    assert await holding(limits, database, None) == Limits(runs_per_minute=30)
    await limits.clear(FOR_ALL)
    assert await holding(limits, database, ada.id) == SETTINGS


async def test_a_person_can_have_other_limits_than_everybody(database: Database, people: People) -> None:
    limits, ada, bob = KeptLimits(database, SETTINGS), await people.add("Ada"), await people.add("Bob")
    await limits.set(FOR_ALL, Limits(storage_mb=100))
    await limits.set(ada.id, Limits())
    assert await holding(limits, database, ada.id) == Limits()
    assert await holding(limits, database, bob.id) == Limits(storage_mb=100)
    assert await limits.all() == {FOR_ALL: Limits(storage_mb=100), ada.id: Limits()}
    await people.remove(ada.id)
    assert await limits.all() == {FOR_ALL: Limits(storage_mb=100)}
    with pytest.raises(NotFound):
        await limits.set(ada.id, Limits())


async def test_a_change_holds_at_once_in_another_process(database: Database, people: People) -> None:
    limits, ada = KeptLimits(database, SETTINGS), await people.add("Ada")
    other = Database(database.engine.url.render_as_string(hide_password=False))
    assert await holding(KeptLimits(other, SETTINGS), other, ada.id) == SETTINGS
    await limits.set(ada.id, Limits(runs_at_once=1))
    assert await holding(KeptLimits(other, SETTINGS), other, ada.id) == Limits(runs_at_once=1)
    await other.aclose()
