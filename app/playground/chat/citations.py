"""Routes of passages: what a citation rests on, and what a search found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from app.connections.types import FileSearchToolCall, ToolCallsStepDetails
from app.errors import NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.file_facts import plain_name, printable
from app.playground.views.search import PassageView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.connections.types import FileSearchResult, RunStep
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/passages")

_WITH_PASSAGES: Final[Any] = ["step_details.tool_calls[*].file_search.results[*].content"]
RunId = Annotated[str, Query(pattern=r"^[\w-]+$", max_length=100)]
StepId = RunId
ThreadId = RunId


@router.get("/cited")
async def open_passage(
    session: SessionDep, playground: PlaygroundDep, run_id: RunId, step_id: StepId, mark: str = ""
) -> HTMLResponse:
    """Open the passage of a citation in the sheet."""
    found = next(
        (one for one in await _results(session, session.thread_id, run_id, step_id) if _mark(one[0]) == mark), None
    )
    return HTMLResponse(_shown(playground, session, found, "parts/files/passage.html"))


@router.get("/found")
async def read_passage(
    session: SessionDep,
    playground: PlaygroundDep,
    thread_id: ThreadId,
    run_id: RunId,
    step_id: StepId,
    place: Annotated[int, Query(ge=0)],
) -> HTMLResponse:
    """Return the text of a passage that a search found, by its place; the logs show other threads too."""
    found = next(iter((await _results(session, thread_id, run_id, step_id))[place:]), None)
    return HTMLResponse(_shown(playground, session, found, "parts/files/passage_text.html"))


_Found = tuple["FileSearchResult", tuple[str, ...]]


async def _results(session: Session, thread_id: str, run_id: str, step_id: str) -> list[_Found]:
    """Return the results of a step's searches with their queries; passages come only when they are asked for."""
    with session.calls():
        step = await session.client.beta.threads.runs.steps.retrieve(
            step_id, thread_id=thread_id, run_id=run_id, include=_WITH_PASSAGES
        )
    return list(_results_of(step))


def _results_of(step: RunStep) -> Iterator[_Found]:
    details = step.step_details
    calls = details.tool_calls if isinstance(details, ToolCallsStepDetails) else []
    for call in calls or []:
        if isinstance(call, FileSearchToolCall):
            queries = cast("list[object]", (call.file_search.model_extra or {}).get("queries") or [])
            for result in call.file_search.results or []:
                yield result, tuple(printable(str(query)) for query in queries)


def _shown(playground: PlaygroundDep, session: Session, found: _Found | None, template: str) -> str:
    if found is None:
        raise NotFound("This passage is not stored any more.")
    result, queries = found
    page = (result.model_extra or {}).get("page")
    view = PassageView(
        name=plain_name(result.file_name),
        text="".join(part.text or "" for part in result.content or []),
        score=f"{result.score:.2f}",
        page=page if isinstance(page, int) else None,
        file_id=result.file_id,
        queries=queries,
    )
    return playground.renderer.render(template, passage=view, chat_id=session.chat.id)


def _mark(result: FileSearchResult) -> str:
    return str((result.model_extra or {}).get("mark") or "")
