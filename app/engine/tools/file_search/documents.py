"""Reading documents: text and pages of each kind of file. Runs in a process of its own, since documents are hostile."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from typing import Any, BinaryIO

from app.engine.tools.file_search.chunking import Page
from app.engine.tools.file_search.kinds import TEXT_SUFFIXES, suffix_of

_MOST_UNPACKED_BYTES = 512 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The compound file in which Office wrapped documents before 2007, and wraps encrypted ones today."""
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class UnreadableError(Exception):
    """A file can't be read; `code` is `unsupported_file` or `invalid_file`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_pages(document: BinaryIO, filename: str) -> Iterator[Page]:
    """Yield a document's text; raises `UnreadableError`, and whatever a broken file makes its library raise."""
    suffix = suffix_of(filename)
    if document.seek(0, os.SEEK_END) == 0:
        raise UnreadableError("invalid_file", "The file is empty.")
    document.seek(0)
    if suffix in TEXT_SUFFIXES:
        yield Page(_text(document))
        return
    reader = _READERS.get(suffix)
    if reader is None:
        raise UnreadableError("unsupported_file", _unsupported(suffix))
    yield from reader(document)


def _unsupported(suffix: str) -> str:
    if suffix == ".doc":
        return "The old .doc format can't be read. Save the document as .docx or .pdf and upload that."
    if not suffix:
        return "A file without an extension can't be searched. Name it after what it holds, for example notes.txt."
    return f"Files of type {suffix} can't be searched. Use the code interpreter, or save it as .txt, .pdf or .docx."


def _text(document: BinaryIO) -> str:
    content = document.read()
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        raise UnreadableError(
            "invalid_file", "The file is not text in UTF-8, UTF-16 or ASCII. Save it as UTF-8 and upload it again."
        ) from exc
    if "\x00" in text:
        raise UnreadableError("invalid_file", "The file holds binary data under the name of a text file.")
    return text


def _html(document: BinaryIO) -> Iterator[Page]:
    reader = _VisibleText()
    reader.feed(_text(document))
    reader.close()
    yield Page("".join(reader.pieces))


class _VisibleText(HTMLParser):
    """Gathers what a browser would show."""

    _HIDDEN = frozenset({"script", "style", "template", "noscript"})
    _BLOCKS = frozenset(
        [
            "p",
            "div",
            "br",
            "li",
            "tr",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "section",
            "article",
            "table",
            "ul",
            "ol",
            "pre",
            "blockquote",
            "title",
            "header",
            "footer",
        ]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  inherited
        self._hidden += tag in self._HIDDEN
        self.pieces.append("\n" if tag in self._BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in self._HIDDEN), 0)
        self.pieces.append("\n" if tag in self._BLOCKS else " " if tag in {"td", "th"} else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


# Libraries are loaded where they are needed: a text file must not wait for three of them.
def _pdf(document: BinaryIO) -> Iterator[Page]:
    import pypdf  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = pypdf.PdfReader(document)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError("invalid_file", "The PDF is encrypted. Upload a copy without a password.")
        for number, page in enumerate(reader.pages, start=1):
            yield Page(page.extract_text(), number)
    except (PyPdfError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise UnreadableError("invalid_file", f"The PDF is broken: {str(exc).rstrip('.')}.") from exc


def _docx(document: BinaryIO) -> Iterator[Page]:
    import docx  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    _require_package(document, "word/document.xml")
    parts = docx.Document(document)
    lines = [
        "\n".join("\t".join(cell.text for cell in row.cells) for row in block.rows)
        if isinstance(block, Table)
        else block.text
        for block in parts.iter_inner_content()
    ]
    yield Page("\n".join(lines))


def _pptx(document: BinaryIO) -> Iterator[Page]:
    import pptx  # noqa: PLC0415

    _require_package(document, "ppt/presentation.xml")
    for number, slide in enumerate(pptx.Presentation(document).slides, start=1):
        shapes = list(_all_shapes(slide.shapes))
        texts = [shape.text_frame.text for shape in shapes if shape.has_text_frame]
        tables = [shape.table for shape in shapes if shape.has_table]
        texts += ["\t".join(cell.text for cell in row.cells) for table in tables for row in table.rows]
        yield Page("\n".join(texts), number)


def _all_shapes(shapes: Iterable[Any]) -> Iterator[Any]:
    """Yield the shapes of a slide, and those inside its groups; python-pptx types neither."""
    for shape in shapes:
        yield from _all_shapes(shape.shapes) if hasattr(shape, "shapes") else [shape]


def _require_package(document: BinaryIO, main_part: str) -> None:
    """Refuse what is no Office document of this kind, and archives that unpack to far more than they are."""
    if document.read(len(_OLE)) == _OLE:
        message = "The file is encrypted or in an old Office format. Save it as .docx or .pptx without a password."
        raise UnreadableError("invalid_file", message)
    try:
        with zipfile.ZipFile(document) as archive:
            entries = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile as exc:
        raise UnreadableError("invalid_file", "The file is not what its name says: it is no Office document.") from exc
    unpacked = sum(entries.values())
    if unpacked > _MOST_UNPACKED_BYTES:
        raise UnreadableError("invalid_file", f"The document unpacks to {unpacked // 1_000_000} MB, which is too much.")
    if main_part not in entries:
        raise UnreadableError("invalid_file", f"The file is not what its name says: it has no {main_part}.")
    document.seek(0)


_READERS: dict[str, Callable[[BinaryIO], Iterator[Page]]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".pptx": _pptx,
}
