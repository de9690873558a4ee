"""Which entries somebody wants to see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Text, and_, cast, or_, true

from app.journal.entry import State
from app.journal.tables import entries

KindChoice = Literal["", "change", "read", "event", "note"]
"""Everything, calls that change something, calls that only read, events of runs, or notes."""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Empty values leave nothing out."""

    principal: str = ""
    """Only what was done on this person's behalf: empty where nobody signs in."""
    session_id: str = ""
    thread_id: str = ""
    run_id: str = ""
    kind: KindChoice = ""
    state: State | Literal[""] = ""
    text: str = ""
    until: int = 0
    """Entries above this number come another time: whoever asks again by numbers gets each of them once."""
    floor: int = 0
    """Entries up to this number were cleared from the view."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what a row must fulfil."""
        column = entries.c
        found: list[ColumnElement[bool]] = [column.amends.is_(None)]
        found += [column.principal == self.principal] if self.principal else []
        found += [column.number <= self.until] if self.until else []
        found += [column.number > self.floor] if self.floor else []
        found += [column.run_id == self.run_id] if self.run_id else []
        found += [column.thread_id == self.thread_id] if self.thread_id else []
        found += [column.session_id == self.session_id] if self.session_id else []
        found += [_KINDS[self.kind]] if self.kind else []
        found += [column.state == self.state] if self.state else []
        return found + [_contains(word) for word in self.text.split()]


_IS_CALL = entries.c.kind == "exchange"
_KINDS = {
    "change": and_(_IS_CALL, entries.c.name != "GET"),
    "read": and_(_IS_CALL, entries.c.name == "GET"),
    "event": entries.c.kind == "run_event",
    "note": entries.c.kind == "note",
    "": true(),
}


def _contains(word: str) -> ColumnElement[bool]:
    """Match capital and small letters alike, as far as the database can; details hold texts as JSON strings."""
    column = entries.c
    inside = json.dumps(word, ensure_ascii=False)[1:-1]
    texts = {word, inside}
    places = (column.name, column.thread_id, column.run_id, cast(column.data, Text), column.detail)
    return or_(*(place.icontains(text, autoescape=True) for text in texts for place in places))
