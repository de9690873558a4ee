"""Documents that are broken or hostile, through the API: each fails alone and says why; nothing else is lost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from openai import OpenAI

from tests.engine.tools.file_search.papers import (
    archive,
    entity_bomb,
    long_pdf,
    pdf,
    pdf_with_table_loop,
    pdf_with_tree_loop,
    scanned_pdf,
    slides,
    word,
    zip_bomb,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
TWO_ENCODINGS = "Größe in UTF-8, ".encode() + "Größe in Latin-1, ".encode("latin-1") + "“cp1252”".encode("cp1252")
BAD: list[tuple[str, bytes, str, str]] = [
    ("empty.txt", b"", "invalid_file", "The file is empty"),
    ("empty.pdf", b"", "invalid_file", "The file is empty"),
    ("blank.md", b" \n\t ", "invalid_file", "No text was found"),
    ("table.csv", b"a,b\n1,2", "unsupported_file", "Files of type .csv can't be searched"),
    ("noextension", b"words", "unsupported_file", "A file without an extension can't be searched"),
    ("old.doc", OLE, "unsupported_file", "Save the document as .docx"),
    ("picture.pdf", PNG, "invalid_file", "The PDF is broken"),
    ("picture.txt", PNG, "invalid_file", "not text in UTF-8"),
    ("archive.docx", archive(readme_txt="hello"), "invalid_file", "it has no word/document.xml"),
    ("archive.pptx", archive(readme_txt="hello"), "invalid_file", "it has no ppt/presentation.xml"),
    ("words.docx", b"just words", "invalid_file", "it is no Office document"),
    ("encrypted.docx", OLE, "invalid_file", "encrypted or in an old Office format"),
    ("half.docx", word("Words")[:4000], "invalid_file", "it is no Office document"),
    ("bomb.docx", zip_bomb(), "invalid_file", "unpacks to 629 MB"),
    ("bomb.pptx", zip_bomb("ppt/presentation.xml"), "invalid_file", "unpacks to 629 MB"),
    ("entities.docx", entity_bomb(), "invalid_file", ""),
    ("loop.pdf", pdf_with_tree_loop(), "invalid_file", "The PDF is broken: Detected cyclic page references."),
    ("half.pdf", pdf("Words")[:300], "invalid_file", "The PDF is broken"),
    ("secret.pdf", pdf("Secret", password="x"), "invalid_file", "The PDF is encrypted"),
    ("scanned.pdf", scanned_pdf(), "invalid_file", "If its pages are scanned images, run text recognition first"),
    ("latin.txt", "Größe".encode("latin-1"), "invalid_file", "Save it as UTF-8"),
    ("mixed.md", TWO_ENCODINGS, "invalid_file", "Save it as UTF-8"),
    ("utf16-without-mark.txt", "Größe".encode("utf-16-le"), "invalid_file", ""),
    ("../../../up.txt", b"\xff", "invalid_file", "Save it as UTF-8"),
]
GOOD: list[tuple[str, bytes, str]] = [
    ("good.txt", b"Bananas are yellow.", "Bananas are yellow."),
    ("../../etc/passwd.txt", b"Kept by its last name.", "Kept by its last name."),
    ("utf16.txt", "Größe".encode("utf-16"), "Größe"),
    ("mark.md", "\ufeffGröße".encode(), "Größe"),
    ("itself.pdf", pdf_with_table_loop(), "Text"),
    ("slides.pptx", slides("First", "Second"), "First"),
    ("paper.tex", rb"\section{One} Words", r"\section{One} Words"),
    ("code.go", b"package main", "package main"),
]


@dataclass(frozen=True, slots=True)
class Library:
    """The store with all of them, and the ids by name."""

    store_id: str
    batch_id: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def library(client: OpenAI) -> Library:
    contents = [(bad[0], bad[1]) for bad in BAD] + [(good[0], good[1]) for good in GOOD]
    ids = {name: client.files.create(file=(name, content), purpose="assistants").id for name, content in contents}
    store = client.vector_stores.create()
    batch = client.vector_stores.file_batches.create_and_poll(store.id, file_ids=list(ids.values()))
    return Library(store.id, batch.id, ids)


@pytest.mark.parametrize(("name", "code", "reason"), [(name, code, reason) for name, _content, code, reason in BAD])
def test_a_bad_file_fails_alone_and_says_why(
    client: OpenAI, library: Library, name: str, code: str, reason: str
) -> None:
    file = client.vector_stores.files.retrieve(library.ids[name], vector_store_id=library.store_id)
    assert (file.status, file.usage_bytes) == ("failed", 0)
    assert file.last_error is not None
    assert file.last_error.code == code
    assert reason in file.last_error.message
    assert not list(client.vector_stores.files.content(file.id, vector_store_id=library.store_id))


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, _content, text in GOOD])
def test_a_good_file_beside_them_is_read(client: OpenAI, library: Library, name: str, text: str) -> None:
    content = client.vector_stores.files.content(library.ids[name], vector_store_id=library.store_id)
    assert next(iter(content)).text == text


def test_the_counts_are_true(client: OpenAI, library: Library) -> None:
    store = client.vector_stores.retrieve(library.store_id)
    batch = client.vector_stores.file_batches.retrieve(library.batch_id, vector_store_id=library.store_id)
    for counts in (store.file_counts, batch.file_counts):
        assert (counts.completed, counts.failed, counts.in_progress, counts.cancelled, counts.total) == (
            len(GOOD),
            len(BAD),
            0,
            0,
            len(GOOD) + len(BAD),
        )
    assert (store.status, batch.status) == ("completed", "completed")
    failed = client.vector_stores.files.list(library.store_id, filter="failed", limit=100)
    assert {file.id for file in failed} == {library.ids[name] for name, *_ in BAD}


def test_names_keep_their_last_part(client: OpenAI, library: Library) -> None:
    assert client.files.retrieve(library.ids["../../etc/passwd.txt"]).filename == "passwd.txt"


def test_a_pdf_of_ten_thousand_pages_is_read_with_its_page_numbers(client: OpenAI) -> None:
    file = client.files.create(file=("long.pdf", long_pdf(10_000)), purpose="assistants")
    store = client.vector_stores.create(file_ids=[file.id])
    added = client.vector_stores.files.poll(file.id, vector_store_id=store.id)
    assert added.status == "completed"
    content = [part.text for part in client.vector_stores.files.content(file.id, vector_store_id=store.id)]
    assert (len(content), content[-1]) == (10_000, "Page number 10000")
    found = client.vector_stores.search(store.id, query="number 7777", max_num_results=1)
    assert found.data[0].content[0].text == "Page number 7777"
    client.vector_stores.delete(store.id)
