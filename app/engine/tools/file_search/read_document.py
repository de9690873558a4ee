"""The process that reads one document: its chunks go out as lines of JSON, the last line says how it ended."""

from __future__ import annotations

import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

from app.engine.tools.file_search.chunking import count_tokens, cut
from app.engine.tools.file_search.documents import UnreadableError, read_pages

MEMORY_BYTES = 2 * 1024**3
CPU_SECONDS = 600
MOST_TOKENS = 5_000_000
"""As the hosted services limit one file."""


def main(path: str, filename: str, size: str, overlap: str) -> None:
    """Read the document at `path` and print its chunks."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable(logging.CRITICAL)
    try:
        found = _print_chunks(Path(path), filename, int(size), int(overlap))
    except UnreadableError as exc:
        _print({"error": {"code": exc.code, "message": exc.message}})
    except MemoryError:
        message = f"Reading the file takes more than {MEMORY_BYTES // 1024**3} GB of memory."
        _print({"error": {"code": "invalid_file", "message": message}})
    except Exception as exc:  # the process's root: libraries raise all sorts of things on broken files
        _print(
            {"error": {"code": "invalid_file", "message": f"The file can't be read: {type(exc).__name__}: {exc}"[:500]}}
        )
    else:
        _print({"done": found})


def _print_chunks(path: Path, filename: str, size: int, overlap: int) -> int:
    found = tokens = 0
    for chunk in cut(read_pages(path, filename), size, overlap):
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


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
