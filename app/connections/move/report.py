"""How far a move is, and what it could not carry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

ObjectKind = Literal["file", "vector_store", "assistant", "thread"]
Outcome = Literal["moved", "partly", "earlier", "failed"]


@dataclass(frozen=True, slots=True)
class MovedObject:
    """One object's fate."""

    kind: ObjectKind
    old_id: str
    new_id: str
    outcome: Outcome
    notes: tuple[str, ...] = ()
    name: str = ""


@dataclass(slots=True)
class MoveReport:
    """All objects so far, and what is true of the whole move."""

    objects: list[MovedObject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    now: str = "Looking at what is there"
    is_done: bool = False
    failure: str = ""

    def count(self, kind: ObjectKind) -> Counter[Outcome]:
        """Return how many objects of a kind met which fate."""
        return Counter(each.outcome for each in self.objects if each.kind == kind)

    @property
    def troubled(self) -> list[MovedObject]:
        """The objects of which something could not be carried."""
        return [each for each in self.objects if each.notes]

    def add_note(self, note: str) -> None:
        """Say once what is true of the whole move."""
        if note not in self.notes:
            self.notes.append(note)
