from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.tools.code_interpreter.preview import preview


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("t.csv", b"month,sales\nJan,12\nFeb,22\n", "columns: month, sales\nfirst rows:\nJan,12\nFeb,22"),
        ("t.json", b'[{"a": 1}, {"a": 2}]', 'a list of 2 objects with keys: a\nfirst ones:\n{"a": 1}\n{"a": 2}'),
        ("t.json", b"{broken", "begins with: {broken"),
        ("t.txt", b"Hello", "Hello"),
        ("t.png", b"\x89PNG", ""),
        ("empty.csv", b"", "empty"),
    ],
)
def test_a_preview_names_columns_and_first_rows(tmp_path: Path, name: str, content: bytes, shown: str) -> None:
    path = tmp_path / "blob"
    path.write_bytes(content)
    assert preview(path, name) == shown


def test_a_preview_of_a_large_file_is_short(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(b"[" + b"1," * 1_000_000 + b"1]")
    assert len(preview(path, "large.json")) < 1_300
