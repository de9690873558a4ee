"""The process that reads the document on its standard input: chunks go out as lines of JSON, the last tells the end."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, BinaryIO

from app.engine.tools.file_search.chunking import Page, count_tokens, cut
from app.engine.tools.file_search.confinement import MEMORY_BYTES, confine
from app.engine.tools.file_search.documents import UnreadableError, read_pages

PAGE_SECONDS = 60.0
"""Of processor time, which no honest page takes; a document that leads its library in circles does."""
MOST_TOKENS = 5_000_000
"""As the hosted services limit one file."""


def main(filename: str, size: str, overlap: str) -> None:
    """Read the document on standard input and print its chunks."""
    confine()
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGVTALRM, _give_up)
    try:
        found = _print_chunks(sys.stdin.buffer, filename, int(size), int(overlap))
    except UnreadableError as exc:
        _print({"error": {"code": exc.code, "message": exc.message}})
    except MemoryError:
        message = f"Reading the file takes more than {MEMORY_BYTES // 1024**3} GB of memory."
        _print({"error": {"code": "invalid_file", "message": message}})
    except Exception as exc:  # the process's root: libraries raise all sorts of things on broken files
        what = f"{filename[-100:]} is broken or is not what its name says. Save it again, or as .txt or .pdf"
        message = f"{what} ({type(exc).__name__}: {exc})."
        _print({"error": {"code": "invalid_file", "message": message[:500]}})
    else:
        _print({"done": found})


def _print_chunks(document: BinaryIO, filename: str, size: int, overlap: int) -> int:
    found = tokens = 0
    for chunk in cut(_timed(read_pages(document, filename)), size, overlap):
        text = chunk.text.replace("\x00", " ").encode(errors="replace").decode()
        tokens += count_tokens(text)
        if tokens > MOST_TOKENS * size / (size - overlap):
            raise UnreadableError("invalid_file", f"The file has more than {MOST_TOKENS} tokens. Split it.")
        _print({"text": text, "page": chunk.page})
        found += 1
    if not found:
        raise UnreadableError(
            "invalid_file",
            "No text was found in the file. If its pages are scanned images, run text recognition first.",
        )
    return found


def _timed(pages: Iterable[Page]) -> Iterator[Page]:
    """Pass the pages on, each with processor time of its own."""
    signal.setitimer(signal.ITIMER_VIRTUAL, PAGE_SECONDS)
    for page in pages:
        yield page
        signal.setitimer(signal.ITIMER_VIRTUAL, PAGE_SECONDS)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise UnreadableError("invalid_file", f"A page of the file takes longer than {PAGE_SECONDS:.0f} s to read.")


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
