"""On whose behalf the page's calls are made: it travels with the task, and no request from outside can set it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from app.journal.entry import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator

_principal: ContextVar[str | None] = ContextVar("principal", default=None)


@contextmanager
def acting_for(person_id: str) -> Iterator[None]:
    """Make the calls inside the block, and those of tasks begun there, on a person's behalf."""
    token = _principal.set(person_id)
    try:
        yield
    finally:
        _principal.reset(token)


def current_principal() -> str | None:
    """Return on whose behalf calls are made here; None outside every block."""
    return _principal.get()


def current_person() -> str:
    """Return on whose behalf calls are made here: everybody's where nobody signs in."""
    return _principal.get() or LOCAL
