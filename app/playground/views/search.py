"""Values of searches and of the passages they found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchResultView:
    """A passage that a search found, by its place in the results; `mark` is how answers cite it."""

    place: int
    name: str
    score: str
    page: int | None
    mark: str
    is_cited: bool


@dataclass(frozen=True, slots=True)
class SearchCallView:
    """A search of files, with what it found."""

    queries: tuple[str, ...]
    results: tuple[SearchResultView, ...]
    thread_id: str
    run_id: str
    step_id: str
    is_done: bool
    running_title: str = "Searching files"
    title: str = "Searched files"
    template: str = "parts/chat/search_call.html"

    @property
    def cited_count(self) -> int:
        """How many of the passages answers cite."""
        return sum(result.is_cited for result in self.results)


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage with where it comes from."""

    name: str
    text: str
    score: str
    page: int | None
    file_id: str
    queries: tuple[str, ...] = ()
