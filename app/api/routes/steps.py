"""`/threads/{thread_id}/runs/{run_id}/steps`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import steps
from app.wire.pages import Page
from app.wire.steps import RunStep

router = APIRouter(prefix="/threads/{thread_id}/runs/{run_id}/steps", tags=["Run steps"], route_class=ApiRoute)

Include = Annotated[tuple[str, ...], Query(alias="include[]")]
_PASSAGES = "step_details.tool_calls[*].file_search.results[*].content"


@router.get("", response_model=Page[RunStep])
async def list_steps(
    engine: CurrentEngine,
    thread_id: str,
    run_id: str,
    cursor: CurrentCursor,
    include: Include = (),
) -> WireResponse:
    """List a run's steps."""
    found = await steps.list_steps(engine, thread_id, run_id, cursor, with_passages=_PASSAGES in include)
    return WireResponse(found)


@router.get("/{step_id}", response_model=RunStep)
async def get_step(
    engine: CurrentEngine, thread_id: str, run_id: str, step_id: str, include: Include = ()
) -> WireResponse:
    """Retrieve a run step."""
    found = await steps.get_step(engine, thread_id, run_id, step_id, with_passages=_PASSAGES in include)
    return WireResponse(found)
