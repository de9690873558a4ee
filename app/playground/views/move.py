"""What the page says of a move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.connections.move.report import MovedObject, MoveReport, ObjectKind

_KINDS: Final[dict[ObjectKind, str]] = {
    "file": "Files",
    "vector_store": "Vector stores",
    "assistant": "Assistants",
    "thread": "Threads",
}
_MOST_TROUBLES: Final = 200


@dataclass(frozen=True, slots=True)
class CountView:
    """How one kind of object fared."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """The whole move."""

    counts: tuple[CountView, ...]
    troubles: tuple[MovedObject, ...]
    hidden: int
    notes: tuple[str, ...]
    now: str
    is_done: bool
    failure: str


def move_view(report: MoveReport) -> MoveView:
    """Return what the sheet shows."""
    troubled = report.troubled
    return MoveView(
        counts=tuple(CountView(label, _text(report, kind)) for kind, label in _KINDS.items()),
        troubles=tuple(troubled[:_MOST_TROUBLES]),
        hidden=max(0, len(troubled) - _MOST_TROUBLES),
        notes=tuple(report.notes),
        now=report.now,
        is_done=report.is_done,
        failure=report.failure,
    )


def _text(report: MoveReport, kind: ObjectKind) -> str:
    counted = report.count(kind)
    moved = counted["moved"] + counted["partly"]
    parts = [f"{moved} moved"]
    parts += [f"{counted['partly']} of them not whole"] if counted["partly"] else []
    parts += [f"{counted['earlier']} moved earlier"] if counted["earlier"] else []
    parts += [f"{counted['failed']} failed"] if counted["failed"] else []
    return ", ".join(parts)
