"""How far the built-in model's weights are, as a value that the page and the terminal show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WeightsStatus = Literal["off", "absent", "fetching", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class WeightsState:
    """Where the weights stand; `reason` is filled when they failed."""

    status: WeightsStatus
    done_bytes: int = 0
    total_bytes: int = 0
    reason: str = ""

    @property
    def percent(self) -> int:
        """How much is there, from 0 to 100."""
        return self.done_bytes * 100 // self.total_bytes if self.total_bytes else 0

    def __str__(self) -> str:
        match self.status:
            case "off":
                return "The built-in model is switched off (BUILTIN_MODEL=off)."
            case "absent":
                return "The built-in model is not here yet."
            case "fetching":
                return f"The built-in model is being fetched: {_megabytes(self.done_bytes)} of {self._total} MB."
            case "ready":
                return "The built-in model is ready."
            case "failed":
                return f"The built-in model is not available: {self.reason}"

    @property
    def _total(self) -> str:
        return _megabytes(self.total_bytes) if self.total_bytes else "?"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f}"
