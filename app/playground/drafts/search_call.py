"""A call of file search, finished or on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.playground.files.file_facts import plain_name, printable
from app.playground.views.search import SearchCallView, SearchResultView

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from app.connections.types import FileSearchToolCall, RunStep, ToolCallDelta
    from app.playground.drafts.surroundings import Surroundings


@dataclass(slots=True)
class SearchCall:
    """What was looked for and found; passages stay with the API until somebody opens them."""

    step: Mapping[str, object] | None = None
    search: Mapping[str, object] | None = None
    doing: ClassVar[str] = "Searching files"

    def extend(self, _delta: ToolCallDelta) -> None:
        """Take the next piece: deltas say only that the search goes on."""

    def view(self, around: Surroundings) -> SearchCallView:
        """Return what the page shows of it."""
        return search_view(self.search or {}, self.step or {}, around.cited)


def search_call(call: FileSearchToolCall, step: RunStep) -> SearchCall:
    """Make a draft of a call as the API shows it."""
    return SearchCall({"id": step.id, "run_id": step.run_id, "thread_id": step.thread_id}, call.file_search.to_dict())


def search_view(
    search: Mapping[str, object], step: Mapping[str, object], cited: Collection[tuple[str, str]]
) -> SearchCallView:
    """Return a search as the page shows it, from the JSON of a step and of its `file_search`.

    `cited` are the passages that answers cite, as pairs of step and mark.
    """
    step_id = str(step.get("id") or "")
    results = [one for one in _list(search.get("results")) if isinstance(one, dict)]
    return SearchCallView(
        queries=tuple(printable(str(query)) for query in _list(search.get("queries"))),
        results=tuple(_result(place, one, step_id, cited) for place, one in enumerate(results)),
        thread_id=str(step.get("thread_id") or ""),
        run_id=str(step.get("run_id") or ""),
        step_id=step_id,
        is_done=search.get("results") is not None,
    )


def _result(
    place: int, result: Mapping[str, object], step_id: str, cited: Collection[tuple[str, str]]
) -> SearchResultView:
    score, page, mark = result.get("score"), result.get("page"), str(result.get("mark") or "")
    return SearchResultView(
        place=place,
        name=plain_name(str(result.get("file_name") or result.get("file_id") or "File")),
        score=f"{score:.2f}" if isinstance(score, int | float) else "",
        page=page if isinstance(page, int) else None,
        mark=mark,
        is_cited=(step_id, mark) in cited,
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
