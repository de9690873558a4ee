"""The panes' order, widths and whether they are shown, as this browser's cookie keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

COOKIE: Final = "layout"
"""`setup.320:chat:logs.400.off:setup`: each pane in order, and which of them stands beside the chat where two fit."""

_NAMES: Final = ("setup", "chat", "logs")
_PART: Final = re.compile(r"(setup|chat|logs)(?:\.([1-9]\d{2,3}))?(\.off)?", re.ASCII)
_SIDES: Final = frozenset({"setup", "logs"})


@dataclass(frozen=True, slots=True)
class Layout:
    """What the page is rendered with, so that nothing jumps when its scripts begin."""

    order: tuple[str, ...] = _NAMES
    widths: tuple[tuple[str, int], ...] = ()
    off: tuple[str, ...] = ()
    side: str = "setup"

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Panes and splitters in reading order: each splitter on the side of its pane that faces the chat."""
        chat = self.order.index("chat")
        left = [(kind, name) for name in self.order[:chat] for kind in ("pane", "splitter")]
        right = [(kind, name) for name in self.order[chat + 1 :] for kind in ("splitter", "pane")]
        return (*left, ("pane", "chat"), *right)

    def width(self, name: str) -> int | None:
        """Return the width that was chosen for a pane, in pixels."""
        return dict(self.widths).get(name)


def read_layout(cookie: str) -> Layout:
    """Read the cookie; whatever is not a whole layout counts as none."""
    *parts, side = cookie.split(":")
    matches = [match for part in parts if (match := _PART.fullmatch(part))]
    order = tuple(match[1] for match in matches)
    off = tuple(match[1] for match in matches if match[3])
    if sorted(order) != sorted(_NAMES) or len(parts) != len(_NAMES) or len(off) == len(_NAMES) or side not in _SIDES:
        return Layout()
    widths = tuple((match[1], int(match[2])) for match in matches if match[2] and match[1] != "chat")
    return Layout(order, widths, off, side)
