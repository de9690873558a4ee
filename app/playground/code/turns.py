"""A session as turns: what was said since the last answer, and what the next one is asked with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.playground.code.material import Json, Step


@dataclass(frozen=True, slots=True)
class Turn:
    """New messages, and what the request changes of the settings."""

    messages: list[Json]
    changes: Json
    instructions: str | None = None


def turns_of(steps: Sequence[Step], turn: Callable[[list[Json], Step], Turn]) -> tuple[list[Turn], bool]:
    """Return the turns, and whether every message is in one."""
    turns: list[Turn] = []
    waiting: list[Json] = []
    for step in steps:
        if step.kind == "message":
            waiting.append(step.body)
        else:
            turns.append(turn(waiting, step))
            waiting = []
    return turns, not waiting
