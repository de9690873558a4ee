"""A short view of a file's beginning, so that a model knows its columns before it writes code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path, PurePath
from typing import Any

_HEAD_BYTES = 64 * 1024
_ROWS = 3
_LONGEST = 1_200
_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def preview(path: Path, name: str) -> str:
    """Describe a table by its columns and first rows, other text by its first lines; empty for other files."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        is_whole = not file.read(1)
    suffix = PurePath(name).suffix.lower()
    if suffix in _SEPARATORS:
        return _table(head, _SEPARATORS[suffix])[:_LONGEST]
    if suffix == ".json":
        return _json(head, is_whole=is_whole)[:_LONGEST]
    if suffix in (".txt", ".md"):
        return _text(head)[:_LONGEST]
    return ""


def _text(head: bytes) -> str:
    return head.decode("utf-8-sig", errors="replace")


def _table(head: bytes, separator: str) -> str:
    reader = csv.reader(io.StringIO(_text(head)), delimiter=separator)
    try:
        lines = [line for _number, line in zip(range(_ROWS + 1), reader, strict=False)]
    except csv.Error:
        return _text(head)
    if not lines:
        return "empty"
    shown = "\n".join(separator.join(line) for line in lines[1:])
    return f"columns: {', '.join(lines[0])}\nfirst rows:\n{shown}"


def _json(head: bytes, *, is_whole: bool) -> str:
    if not is_whole:
        return f"begins with: {_text(head)[:400]}"
    try:
        value = json.loads(_text(head))
    except (ValueError, RecursionError):
        return f"begins with: {_text(head)[:400]}"
    return _shape(value)


def _shape(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        rows = "\n".join(json.dumps(item) for item in value[:_ROWS])
        return f"a list of {len(value)} objects with keys: {', '.join(map(str, value[0]))}\nfirst ones:\n{rows}"
    if isinstance(value, dict):
        return f"an object with keys: {', '.join(map(str, value))}\n{json.dumps(value)[:800]}"
    return json.dumps(value)[:800]
