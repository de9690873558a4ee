"""Cutting a document's pages into chunks that overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"[^\W\u2e80-\uffff]{1,7}|\w|[^\w\s]")
"""An estimate of a language model's tokens: pieces of words, characters of scripts without spaces, signs."""


@dataclass(frozen=True, slots=True)
class Page:
    """Text of a document; the number is None where the format has no pages."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage; the page is the one on which it begins."""

    text: str
    page: int | None


def cut(pages: Iterable[Page], size: int, overlap: int) -> Iterator[Chunk]:
    """Yield chunks of at most `size` tokens, each repeating the last `overlap` of the one before.

    Pages with numbers are cut one by one, so that a chunk lies on one page; a page's rest is a chunk of its own.
    """
    for page in pages:
        yield from (Chunk(text, page.number) for text in _pieces(page.text, size, overlap))


def count_tokens(text: str) -> int:
    """Estimate how many tokens a text takes."""
    return sum(1 for _ in _TOKEN.finditer(text))


def _pieces(text: str, size: int, overlap: int) -> Iterator[str]:
    starts = [match.start() for match in _TOKEN.finditer(text)]
    for first in range(0, len(starts), size - overlap):
        end = starts[first + size] if first + size < len(starts) else len(text)
        yield text[starts[first] : end].rstrip()
        if end == len(text):
            return
