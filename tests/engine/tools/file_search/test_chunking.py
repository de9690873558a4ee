from __future__ import annotations

from app.engine.tools.file_search.chunking import Page, count_tokens, cut

WORDS = " ".join(f"w{number}" for number in range(1000))


def test_chunks_overlap_and_nothing_is_lost() -> None:
    chunks = list(cut([Page(WORDS)], 200, 50))
    assert all(count_tokens(chunk.text) <= 200 for chunk in chunks)
    assert chunks[0].text.split()[-50:] == chunks[1].text.split()[:50]
    assert {word for chunk in chunks for word in chunk.text.split()} == set(WORDS.split())


def test_a_chunk_lies_on_one_page() -> None:
    chunks = list(cut([Page("first", 1), Page("second", 2), Page("", 3)], 800, 400))
    assert [(chunk.text, chunk.page) for chunk in chunks] == [("first", 1), ("second", 2)]


def test_scripts_without_spaces_are_counted_by_character() -> None:
    assert count_tokens("日本語の文章") == 6
