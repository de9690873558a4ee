"""What is refused before a byte is passed on, and how sizes and names are written."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from app.errors import InvalidRequest, PayloadTooLarge
from app.playground.files.file_facts import plain_name, size_text
from app.playground.files.uploads import LARGEST_BYTES, Arrival


@pytest.mark.parametrize(("size", "error"), [(0, InvalidRequest), (LARGEST_BYTES + 1, PayloadTooLarge)])
def test_a_file_without_or_with_too_many_bytes_is_refused(size: int, error: type[Exception]) -> None:
    request = Request({"type": "http", "headers": [(b"content-length", str(size).encode())]})
    with pytest.raises(error):
        Arrival(request, "a.txt").require_fitting()


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (52_428_800, "50 MB"), (5 * 1024**5, "5120 TB")]
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(("name", "kept"), [("C:\\a\\b.txt", "b.txt"), ("\u202e\u2066", "file"), ("..", "..")])
def test_names_lose_their_path_and_what_cannot_be_printed(name: str, kept: str) -> None:
    assert plain_name(name) == kept
