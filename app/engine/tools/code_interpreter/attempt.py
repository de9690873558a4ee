"""The tiers by name, in the order of preference, and what came of trying one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

TierName = Literal["namespaces", "uid", "landlock", "wasm", "unsafe"]

BEST_FIRST: Final[tuple[TierName, ...]] = ("namespaces", "uid", "landlock", "wasm")

_LINK = "and, once, as root: ln -s /proc/self/fd/200 /mnt/data"
REMEDIES: Final[dict[TierName, str]] = {
    "namespaces": "Run the server as root, or as a user who may create user namespaces, on Linux 5.12 or newer.",
    "uid": f"Run the server as root on Linux 5.13 or newer with Landlock, {_LINK}.",
    "landlock": f"Use Linux 6.2 or newer with Landlock switched on (lsm=landlock,…), {_LINK}.",
    "wasm": "Run `make install-wasm` as the server's user; it compiles for some minutes, once.",
    "unsafe": "Set SANDBOX=auto.",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One tier that was tried: `reason` says why it does not hold, empty when it does."""

    tier: TierName
    reason: str

    @property
    def remedy(self) -> str:
        """What would make the tier hold."""
        return REMEDIES[self.tier]

    def __str__(self) -> str:
        """Return one sentence for the log."""
        return f"{self.tier}: {self.reason}"
