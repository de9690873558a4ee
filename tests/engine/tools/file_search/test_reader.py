"""Documents as the reading process reads them."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import anyio
import pytest

from app.engine.tools.file_search import documents
from app.engine.tools.file_search.chunking import Chunk
from app.engine.tools.file_search.reader import read_chunks, try_confinement
from app.errors import InvalidRequest
from app.settings import ROOT
from app.wire.vector_stores import DEFAULT_CHUNKS
from tests.engine.tools.file_search.papers import incomplete_archive, pdf, slides, word, zip_bomb

HTML = b"<html><head><style>p{}</style><script>x()</script></head><body><p>Seen &amp; read</p></body></html>"
ENDLESS = """
from app.engine.tools.file_search import documents, read_document
def endless(document):
    while True:
        pass
    yield
documents._READERS[".html"] = endless
read_document.PAGE_SECONDS = 0.2
import sys
read_document.main(*sys.argv[1:])
"""


async def read(tmp_path: Path, name: str, content: bytes) -> list[Chunk]:
    path = tmp_path / "blob"
    path.write_bytes(content)
    return [chunk async for chunk in read_chunks(path, name, DEFAULT_CHUNKS)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"Plain words", [("Plain words", None)]),
        ("a.md", "Grüße".encode("utf-16"), [("Grüße", None)]),
        ("a.json", b'{"a": 1}', [('{"a": 1}', None)]),
        ("A.PY", b"\xef\xbb\xbfx = 1", [("x = 1", None)]),
        ("a.html", HTML, [("Seen & read", None)]),
        ("a.pdf", pdf("One", "Two"), [("One", 1), ("Two", 2)]),
        ("a.docx", word("Para", cell="Cell"), [("Para\nCell", None)]),
        ("a.pptx", slides("First", "Second"), [("First", 1), ("Second", 2)]),
    ],
)
async def test_documents_are_read(
    tmp_path: Path, name: str, content: bytes, expected: list[tuple[str, int | None]]
) -> None:
    assert [(chunk.text, chunk.page) for chunk in await read(tmp_path, name, content)] == expected


@pytest.mark.parametrize(
    ("name", "content", "code", "reason"),
    [
        ("a.txt", b"", "invalid_file", "empty"),
        ("a.txt", b"   \n", "invalid_file", "No text"),
        ("a.txt", b"caf\xe9 and \xfftea", "invalid_file", "not text in UTF-8"),
        ("a.txt", b"PK\x00\x01", "invalid_file", "binary"),
        ("a.csv", b"a,b", "unsupported_file", "type .csv can't be searched. Use the code interpreter"),
        ("notes", b"a", "unsupported_file", "Name it after what it holds"),
        ("a.doc", b"old", "unsupported_file", "Save the document as .docx"),
        ("a.pdf", b"no pdf at all", "invalid_file", "broken"),
        ("a.pdf", pdf("Secret", password="x"), "invalid_file", "encrypted"),
        ("a.docx", b"no archive", "invalid_file", "not what its name says"),
        ("a.docx", zip_bomb(), "invalid_file", "unpacks to"),
        ("a.docx", incomplete_archive(), "invalid_file", "Save it again, or as .txt or .pdf .KeyError"),
        ("a.docx", slides("A slide"), "invalid_file", "no word/document.xml"),
    ],
)
async def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, code: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason) as caught:
        await read(tmp_path, name, content)
    assert caught.value.code == code


async def test_a_page_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDLESS, "a.html", "800", "400"]
    document = tmp_path / "document"
    document.write_bytes(b"x")
    with document.open("rb") as stdin:
        found = await anyio.run_process(command, stdin=stdin, env={}, cwd=ROOT)
    assert "takes longer than" in json.loads(found.stdout)["error"]["message"]


async def test_a_document_that_takes_over_its_reader_can_do_nothing(tmp_path: Path) -> None:
    canary, document = tmp_path / "canary", tmp_path / "document"
    canary.write_text("the server's own")
    if lacks := await try_confinement(canary):
        pytest.skip(f"this machine can't confine a reader: {lacks}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        document.write_text(f"{canary} {server.getsockname()[1]}")
        with document.open("rb") as stdin:
            command = [sys.executable, "-m", "tests.engine.tools.file_search.hostile_library", "a.html", "800", "400"]
            found = await anyio.run_process(command, stdin=stdin, env={}, cwd=ROOT)
    assert [json.loads(line) for line in found.stdout.splitlines()] == [{"text": "nothing", "page": None}, {"done": 1}]
    assert canary.read_text() == "the server's own"


async def test_a_trial_finds_what_is_open(tmp_path: Path) -> None:
    assert "a file of the server was readable" in await try_confinement(Path(documents.__file__))
