"""Queries that every table shares: by id, by cursor, insert, update, delete.

Statements are built once for each table and set of columns: building one and finding its compiled form costs more than
SQLite takes to run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    RowMapping,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)

Row = RowMapping
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which part of a list is wanted; `after` and `before` are ids, both exclusive."""

    limit: int = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


def insert_row(connection: Connection, table: Table, values: Values) -> None:
    """Insert one row."""
    connection.execute(_insert(table), dict(values))


def get_row(connection: Connection, table: Table, object_id: str, **equal: object) -> Row | None:
    """Return the row with this id, where further columns are equal too."""
    query = _select(table, tuple(equal))
    return connection.execute(query, _bound(object_id, equal)).mappings().one_or_none()


def list_rows(
    connection: Connection, table: Table, cursor: Cursor, *conditions: ColumnElement[bool], **equal: object
) -> Sequence[Row]:
    """Return one row more than the cursor's limit where there are more."""
    query = select(table).where(*conditions, *(table.c[name] == value for name, value in equal.items()))
    ascending = cursor.order == "asc"
    if cursor.after is not None:
        after = _seq_of(table, cursor.after)
        query = query.where(table.c.seq > after if ascending else table.c.seq < after)
    if cursor.before is not None:
        before = _seq_of(table, cursor.before)
        query = query.where(table.c.seq < before if ascending else table.c.seq > before)
    query = query.order_by(table.c.seq.asc() if ascending else table.c.seq.desc()).limit(cursor.limit + 1)
    return connection.execute(query).mappings().all()


def update_row(connection: Connection, table: Table, object_id: str, values: Values, **equal: object) -> bool:
    """Set columns where id and further columns match; say whether a row did."""
    if not values:
        return get_row(connection, table, object_id, **equal) is not None
    query = _update(table, tuple(values), tuple(equal))
    return connection.execute(query, {**_bound(object_id, equal), **values}).rowcount == 1


def delete_row(connection: Connection, table: Table, object_id: str, **equal: object) -> bool:
    """Delete the row with this id; say whether there was one."""
    query = _delete(table, tuple(equal))
    return connection.execute(query, _bound(object_id, equal)).rowcount == 1


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _select(table: Table, equal: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*_conditions(table, equal))


@cache
def _update(table: Table, values: tuple[str, ...], equal: tuple[str, ...]) -> Update:
    return update(table).where(*_conditions(table, equal)).values({name: bindparam(name) for name in values})


@cache
def _delete(table: Table, equal: tuple[str, ...]) -> Delete:
    return delete(table).where(*_conditions(table, equal))


def _conditions(table: Table, equal: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"is_{name}") for name in ("id", *equal)]


def _bound(object_id: str, equal: Values) -> dict[str, Any]:
    return {"is_id": object_id, **{f"is_{name}": value for name, value in equal.items()}}


def _seq_of(table: Table, object_id: str) -> Any:
    return select(table.c.seq).where(table.c.id == object_id).scalar_subquery()
