"""Which files can be searched, by the end of their name."""

from __future__ import annotations

from pathlib import PurePath

TEXT_SUFFIXES = frozenset(
    [
        ".c",
        ".cpp",
        ".cs",
        ".css",
        ".go",
        ".java",
        ".js",
        ".json",
        ".md",
        ".php",
        ".py",
        ".rb",
        ".sh",
        ".tex",
        ".ts",
        ".txt",
    ]
)
DOCUMENT_SUFFIXES = frozenset({".html", ".pdf", ".docx", ".pptx", ".doc"})


def is_searchable(filename: str) -> bool:
    """Tell whether files of this name are accepted for search, as the hosted services list them."""
    return suffix_of(filename) in TEXT_SUFFIXES | DOCUMENT_SUFFIXES


def suffix_of(filename: str) -> str:
    """Return the end of a file's name, in small letters, with its dot."""
    return PurePath(filename).suffix.lower()
