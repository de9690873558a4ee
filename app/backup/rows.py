"""Rows of tables as lines of JSON, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from itertools import islice
from typing import IO, Any

from sqlalchemy import Column, Connection, LargeBinary, Table, func, insert, select

_BATCH = 500


def write_rows(connection: Connection, table: Table, file: IO[bytes]) -> int:
    """Append the table's rows in the order of their keys, a line each; return how many they were."""
    columns = _stored(table)
    query = select(*columns).order_by(*table.primary_key.columns)
    count = 0
    for row in connection.execution_options(yield_per=_BATCH).execute(query):
        values = {column.name: _as_json(column, value) for column, value in zip(columns, row, strict=True)}
        file.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        count += 1
    return count


def read_rows(connection: Connection, table: Table, lines: Iterable[bytes]) -> int:
    """Insert the rows that the lines hold; return how many they were. Raises `ValueError` and `KeyError` on others."""
    rows = (_as_row(table, line) for line in lines)
    count = 0
    for batch in iter(lambda: list(islice(rows, _BATCH)), []):
        connection.execute(insert(table), batch)
        count += len(batch)
    _continue_numbers(connection, table)
    return count


def _stored(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.computed is None]


def _as_json(column: Column[Any], value: object) -> object:
    is_bytes = isinstance(column.type, LargeBinary) and isinstance(value, bytes)
    return base64.b64encode(value).decode() if is_bytes else value  # type: ignore[arg-type]  # is_bytes says so


def _as_row(table: Table, line: bytes) -> dict[str, object]:
    values: dict[str, object] = json.loads(line)
    return {name: _as_stored(table.columns[name], value) for name, value in values.items()}


def _as_stored(column: Column[Any], value: object) -> object:
    if isinstance(column.type, LargeBinary) and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence go on after the greatest number; SQLite does so by itself."""
    numbered = next((column for column in table.primary_key.columns if column.autoincrement is True), None)
    if numbered is None or connection.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, numbered.name)
    greatest = select(func.max(numbered)).scalar_subquery()
    connection.execute(select(func.setval(sequence, func.coalesce(greatest, 1))))
