"""What the page remembers of the run that locks a thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

_LOOK_SECONDS: Final = 4.0
_LONGEST_PAUSE_SECONDS: Final = 30.0
_SLOW_SECONDS: Final = {"queued": 20, "in_progress": 120, "requires_action": 600, "cancelling": 15}


@dataclass(slots=True)
class LockMemory:
    """Since when the run has had its status, as far as the page saw it, and when it last looked for other runs."""

    run_id: str = ""
    status: str = ""
    since: float = 0.0
    looked_at: float = float("-inf")
    said_slow: bool = False
    pause_seconds: float = _LOOK_SECONDS
    revision: int = -1
    """The conversation's, when it was looked at last."""

    def see(self, run_id: str, status: str) -> None:
        """Take note of the run's status."""
        if (run_id, status) != (self.run_id, self.status):
            self.run_id, self.status, self.since, self.said_slow = run_id, status, time.time(), False

    def look_soon(self) -> None:
        """Make a look due now: somebody was just refused because of a run."""
        self.looked_at = float("-inf")

    def is_look_due(self, revision: int) -> bool:
        """Tell whether to look for others' runs: every four seconds, and ever less often while nothing happens."""
        now = time.monotonic()
        if revision != self.revision:
            self.revision, self.pause_seconds = revision, _LOOK_SECONDS
        if now - self.looked_at < self.pause_seconds:
            return False
        self.looked_at = now
        self.pause_seconds = min(_LONGEST_PAUSE_SECONDS, self.pause_seconds * 1.5)
        return True

    @property
    def is_slow(self) -> bool:
        """Whether the run has had its status for long."""
        return time.time() - self.since > _SLOW_SECONDS.get(self.status, 0)
