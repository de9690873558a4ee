"""Queries that every table shares: by id, by cursor, insert, update, delete.

Statements are built once for each table and set of columns: building one and finding its compiled form costs more than
SQLite takes to run it.

Tables with an `owner_id` are seen through the eyes of the unit's caller, if it has one: what belongs to others is not
there, unless it is shared; what is shared is changed by its owner only.
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
    or_,
    select,
    update,
)

from app.database import CALLER
from app.errors import Forbidden

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
    """Insert one row, which belongs to the caller."""
    caller = _caller(connection, table)
    connection.execute(_insert(table), dict(values) if caller is None else {"owner_id": caller, **values})


def get_row(connection: Connection, table: Table, object_id: str, **equal: object) -> Row | None:
    """Return the row with this id, where further columns are equal too."""
    caller = _caller(connection, table)
    query = _select(table, tuple(equal), is_limited=caller is not None)
    return connection.execute(query, _bound(object_id, equal, caller)).mappings().one_or_none()


def list_rows(
    connection: Connection, table: Table, cursor: Cursor, *conditions: ColumnElement[bool], **equal: object
) -> Sequence[Row]:
    """Return one row more than the cursor's limit where there are more."""
    query = select(table).where(*conditions, *(table.c[name] == value for name, value in equal.items()))
    query = seen(connection, table, query)
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
    caller = _caller(connection, table)
    query = _update(table, tuple(values), tuple(equal), is_limited=caller is not None)
    is_done = connection.execute(query, {**_bound(object_id, equal, caller), **values}).rowcount == 1
    return is_done or _refuse_shared(connection, table, object_id)


def delete_row(connection: Connection, table: Table, object_id: str, **equal: object) -> bool:
    """Delete the row with this id; say whether there was one."""
    caller = _caller(connection, table)
    query = _delete(table, tuple(equal), is_limited=caller is not None)
    is_done = connection.execute(query, _bound(object_id, equal, caller)).rowcount == 1
    return is_done or _refuse_shared(connection, table, object_id)


def seen(connection: Connection, table: Table, query: Select[Any]) -> Select[Any]:
    """Leave out of a query of an owned table what its caller may not see."""
    caller = _caller(connection, table)
    return query if caller is None else query.where(_visible(table, caller))


def owned(connection: Connection, table: Table, query: Select[Any]) -> Select[Any]:
    """Leave out of a query of an owned table what is not its caller's own."""
    caller = _caller(connection, table)
    return query if caller is None else query.where(table.c.owner_id == caller)


def require_own(connection: Connection, table: Table, object_id: str) -> None:
    """Raise `Forbidden` where the caller sees the row but may not change it, and with it what it holds."""
    query = owned(connection, table, select(table.c.id).where(table.c.id == object_id))
    if connection.execute(query).first() is None:
        _refuse_shared(connection, table, object_id)


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _select(table: Table, equal: tuple[str, ...], *, is_limited: bool) -> Select[Any]:
    sight = [_visible(table, bindparam("is_caller"))] if is_limited else []
    return select(table).where(*_conditions(table, equal), *sight)


@cache
def _update(table: Table, values: tuple[str, ...], equal: tuple[str, ...], *, is_limited: bool) -> Update:
    conditions = [*_conditions(table, equal), *_own(table, is_limited=is_limited)]
    return update(table).where(*conditions).values({name: bindparam(name) for name in values})


@cache
def _delete(table: Table, equal: tuple[str, ...], *, is_limited: bool) -> Delete:
    return delete(table).where(*_conditions(table, equal), *_own(table, is_limited=is_limited))


def _caller(connection: Connection, table: Table) -> str | None:
    caller: str | None = connection.info.get(CALLER) if "owner_id" in table.c else None
    return caller


def _refuse_shared(connection: Connection, table: Table, object_id: str) -> Literal[False]:
    """Raise `Forbidden` where the caller sees the row, which then is another's."""
    if _caller(connection, table) is not None and get_row(connection, table, object_id) is not None:
        raise Forbidden(f"{object_id} is shared by somebody else. Make a copy of your own to change it.")
    return False


def _visible(table: Table, caller_id: Any) -> ColumnElement[bool]:
    own = table.c.owner_id == caller_id
    return or_(own, table.c.is_shared) if "is_shared" in table.c else own


def _own(table: Table, *, is_limited: bool) -> list[ColumnElement[bool]]:
    return [table.c.owner_id == bindparam("is_caller")] if is_limited else []


def _conditions(table: Table, equal: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"is_{name}") for name in ("id", *equal)]


def _bound(object_id: str, equal: Values, caller: str | None) -> dict[str, Any]:
    bound = {"is_id": object_id, **{f"is_{name}": value for name, value in equal.items()}}
    return bound if caller is None else {**bound, "is_caller": caller}


def _seq_of(table: Table, object_id: str) -> Any:
    return select(table.c.seq).where(table.c.id == object_id).scalar_subquery()
