from __future__ import annotations

import pytest

from app.engine.tools.file_search.kinds import is_searchable

HOSTED = ".c .cpp .cs .css .doc .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh .tex .ts .txt"


@pytest.mark.parametrize("suffix", HOSTED.split())
def test_the_hosted_types_are_taken_in_any_spelling(suffix: str) -> None:
    assert is_searchable(f"a{suffix}")
    assert is_searchable(f"A{suffix.upper()}")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.png", "a", "pdf", ".pdf", ""])
def test_other_files_are_not(name: str) -> None:
    assert not is_searchable(name)
