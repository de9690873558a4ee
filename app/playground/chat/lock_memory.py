"""What the page remembers of the run that locks a thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

_SLOW_SECONDS: Final = {"queued": 20, "in_progress": 120, "requires_action": 600, "cancelling": 15}


@dataclass(slots=True)
class LockMemory:
    """Since when the run has had its status, as far as the page saw it, and when it last looked for other runs."""

    run_id: str = ""
    status: str = ""
    since: float = 0.0
    looked_at: float = float("-inf")
    said_slow: bool = False

    def see(self, run_id: str, status: str) -> None:
        """Take note of the run's status."""
        if (run_id, status) != (self.run_id, self.status):
            self.run_id, self.status, self.since, self.said_slow = run_id, status, time.time(), False

    @property
    def is_slow(self) -> bool:
        """Whether the run has had its status for long."""
        return time.time() - self.since > _SLOW_SECONDS.get(self.status, 0)
