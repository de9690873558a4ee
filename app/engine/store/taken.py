"""What a person takes of the server at the moment; `None` stands for everybody together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, insert, select, text

from app.engine.store import tables

_BEGUN = tables.begun_runs
_PERSON: BindParameter[str] = bindparam("person")
_SINCE: BindParameter[float] = bindparam("since")
_PLACE: BindParameter[int] = bindparam("place")


def active_runs(connection: Connection, person: str | None) -> int:
    """Count runs that are at work; those that wait for the outputs of functions take nothing of the server."""
    return int(connection.execute(_ACTIVE[person is not None], _bound(person)).scalar_one())


def stored_bytes(connection: Connection, person: str | None) -> int:
    """Return what the files take; threads and vector stores name files, and take nothing themselves."""
    return int(connection.execute(_STORED[person is not None], _bound(person)).scalar_one())


def note_begun(connection: Connection, person: str | None, now: float) -> None:
    """Note that a run begins, apart from the run, so that deleting its thread gives nothing back."""
    connection.execute(_NOTE, {"person_id": person or "", "begun_at": now})


def begun_since(connection: Connection, person: str | None, since: float) -> int:
    """Count the runs that began after that time."""
    return int(connection.execute(_COUNT, {"person": person or "", "since": since}).scalar_one())


def begun_before_last(connection: Connection, person: str | None, since: float, count: int) -> float | None:
    """Return when the run began that is `count` from the last, if that was after `since`."""
    bound = {"person": person or "", "since": since, "place": count - 1}
    begun_at: float | None = connection.execute(_NTH, bound).scalar()
    return begun_at


def forget_begun(connection: Connection, until: float) -> None:
    """Delete the notes of runs that began until then."""
    connection.execute(delete(_BEGUN).where(_BEGUN.c.begun_at <= until))


def _bound(person: str | None) -> dict[str, Any]:
    return {} if person is None else {"person": person}


def _active() -> Select[Any]:
    # Written as the index of active runs has it, since SQLite compares texts; the thread's owner is looked up for these
    # few runs, as a join would begin at all threads of the person.
    return select(func.count()).select_from(tables.runs).where(text(tables.ACTIVE), tables.runs.c.status != _WAITING)


_WAITING = text("'requires_action'")
_OWNER = select(tables.threads.c.owner_id).where(tables.threads.c.id == tables.runs.c.thread_id).scalar_subquery()
_ACTIVE = (_active(), _active().where(_OWNER == _PERSON))
_SUM = select(func.coalesce(func.sum(tables.files.c.bytes), 0))
_STORED = (_SUM, _SUM.where(tables.files.c.owner_id == _PERSON))
_NOTE = insert(_BEGUN)
_RECENT = (_BEGUN.c.person_id == _PERSON, _BEGUN.c.begun_at > _SINCE)
_COUNT = select(func.count()).select_from(_BEGUN).where(*_RECENT)
_NTH = select(_BEGUN.c.begun_at).where(*_RECENT).order_by(_BEGUN.c.begun_at.desc()).limit(1).offset(_PLACE)
