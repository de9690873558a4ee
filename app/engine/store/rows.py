"""Queries that every table shares: by id, by cursor, insert, update, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, insert, select, update

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
    connection.execute(insert(table), dict(values))


def get_row(connection: Connection, table: Table, object_id: str, **equal: object) -> Row | None:
    """Return the row with this id, where further columns are equal too."""
    query = select(table).where(table.c.id == object_id, *_equals(table, equal))
    return connection.execute(query).mappings().one_or_none()


def list_rows(connection: Connection, table: Table, cursor: Cursor, **equal: object) -> Sequence[Row]:
    """Return one row more than the cursor's limit where there are more."""
    query = select(table).where(*_equals(table, equal))
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
    query = update(table).where(table.c.id == object_id, *_equals(table, equal)).values(dict(values))
    return connection.execute(query).rowcount == 1


def delete_row(connection: Connection, table: Table, object_id: str, **equal: object) -> bool:
    """Delete the row with this id; say whether there was one."""
    query = delete(table).where(table.c.id == object_id, *_equals(table, equal))
    return connection.execute(query).rowcount == 1


def _equals(table: Table, equal: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in equal.items()]


def _seq_of(table: Table, object_id: str) -> Any:
    return select(table.c.seq).where(table.c.id == object_id).scalar_subquery()
