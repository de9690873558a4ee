"""`/threads/{thread_id}/runs/{run_id}/steps`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentCursor, CurrentEngine, WithPassages
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import steps
from app.wire.pages import Page
from app.wire.steps import RunStep

router = APIRouter(prefix="/threads/{thread_id}/runs/{run_id}/steps", tags=["Run steps"], route_class=ApiRoute)


@router.get("", response_model=Page[RunStep])
async def list_steps(
    engine: CurrentEngine,
    thread_id: str,
    run_id: str,
    cursor: CurrentCursor,
    with_passages: WithPassages,
) -> WireResponse:
    """List a run's steps."""
    found = await steps.list_steps(engine, thread_id, run_id, cursor, with_passages=with_passages)
    return WireResponse(found)


@router.get("/{step_id}", response_model=RunStep)
async def get_step(
    engine: CurrentEngine, thread_id: str, run_id: str, step_id: str, with_passages: WithPassages
) -> WireResponse:
    """Retrieve a run step."""
    found = await steps.get_step(engine, thread_id, run_id, step_id, with_passages=with_passages)
    return WireResponse(found)
