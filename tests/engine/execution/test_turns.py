"""People take turns when the slots are full."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import pytest

from app.engine.execution.turns import Turns


async def hold(turns: Turns, person: str, order: list[str]) -> None:
    async with turns.slot(person):
        order.append(person)
        await anyio.lowlevel.checkpoint()


async def test_one_person_with_many_requests_does_not_hold_up_another() -> None:
    turns, order = Turns(1), list[str]()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for person in ("ada", "ada", "ada", "ada", "bob", "bob"):
                tasks.start_soon(hold, turns, person, order)
    assert order == ["ada", "ada", "bob", "ada", "bob", "ada"]
    assert not turns.is_full


@pytest.mark.parametrize("is_granted", [False, True])
async def test_who_stops_waiting_leaves_their_turn_to_the_next(*, is_granted: bool) -> None:
    turns, order, scope = Turns(1), list[str](), anyio.CancelScope()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            async with turns.slot("ada"):
                tasks.start_soon(_wait_in, scope, turns)
                await anyio.wait_all_tasks_blocked()
                tasks.start_soon(hold, turns, "cleo", order)
                await anyio.wait_all_tasks_blocked()
                if not is_granted:
                    scope.cancel()
                    await anyio.wait_all_tasks_blocked()
            if is_granted:
                scope.cancel()
    assert order == ["cleo"]
    assert not turns.is_full


async def _wait_in(scope: anyio.CancelScope, turns: Turns) -> None:
    with scope:
        async with turns.slot("bob"):
            await anyio.lowlevel.checkpoint()
