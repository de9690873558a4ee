"""What to do next when the service refuses something because a run locks the thread."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.playground.chat.conversation import Conversation

_LOCKED: Final = re.compile(r"already has an active run|while a run .{0,80} is active")
_NEXT_STEP: Final = "Wait until it has ended, cancel it, or fork the thread: the note above the message box offers all."


@contextmanager
def next_step_when_locked(conversation: Conversation) -> Iterator[None]:
    """Say what to do where a call inside the block is refused for the lock, and let the page look for the run."""
    try:
        yield
    except InvalidRequest as error:
        if not _LOCKED.search(error.message):
            raise
        conversation.lock.look_soon()
        conversation.wake()
        raise InvalidRequest(f"{error.message} {_NEXT_STEP}", code=error.code, param=error.param) from error
