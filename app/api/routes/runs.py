"""`/threads/{thread_id}/runs`, `/threads/runs`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.api.deps import CurrentCursor, CurrentEngine, WithPassages
from app.api.responses import WireResponse, run_response, run_stream
from app.api.route import ApiRoute
from app.api.versions import SpeaksV1
from app.engine import runs
from app.wire.pages import Page
from app.wire.runs import CreateRun, CreateThreadAndRun, ModifyRun, Run, SubmitToolOutputs

router = APIRouter(prefix="/threads", tags=["Runs"], route_class=ApiRoute)


@router.post("/runs", response_model=Run)
async def create_thread_and_run(engine: CurrentEngine, speaks_v1: SpeaksV1, body: CreateThreadAndRun) -> Response:
    """Create a thread and a run on it; with `stream` the answer is the run's events."""
    run = await runs.create_thread_and_run(engine, body)
    return run_stream(engine, run, speaks_v1=speaks_v1) if body.stream else run_response(run)


@router.get("/{thread_id}/runs", response_model=Page[Run])
async def list_runs(engine: CurrentEngine, thread_id: str, cursor: CurrentCursor) -> WireResponse:
    """List a thread's runs."""
    return WireResponse(await runs.list_runs(engine, thread_id, cursor))


@router.post("/{thread_id}/runs", response_model=Run)
async def create_run(
    engine: CurrentEngine, speaks_v1: SpeaksV1, with_passages: WithPassages, thread_id: str, body: CreateRun
) -> Response:
    """Run an assistant on a thread; with `stream` the answer is the run's events."""
    run = await runs.create_run(engine, thread_id, body)
    if not body.stream:
        return run_response(run)
    return run_stream(engine, run, speaks_v1=speaks_v1, with_passages=with_passages)


@router.get("/{thread_id}/runs/{run_id}", response_model=Run)
async def get_run(engine: CurrentEngine, thread_id: str, run_id: str) -> WireResponse:
    """Retrieve a run."""
    return run_response(await runs.get_run(engine, thread_id, run_id))


@router.post("/{thread_id}/runs/{run_id}", response_model=Run)
async def modify_run(engine: CurrentEngine, thread_id: str, run_id: str, body: ModifyRun) -> WireResponse:
    """Modify a run's metadata."""
    return WireResponse(await runs.modify_run(engine, thread_id, run_id, body))


@router.post("/{thread_id}/runs/{run_id}/cancel", response_model=Run)
async def cancel_run(engine: CurrentEngine, thread_id: str, run_id: str) -> WireResponse:
    """Stop a run."""
    return run_response(await runs.cancel_run(engine, thread_id, run_id))


@router.post("/{thread_id}/runs/{run_id}/submit_tool_outputs", response_model=Run)
async def submit_tool_outputs(
    engine: CurrentEngine, speaks_v1: SpeaksV1, thread_id: str, run_id: str, body: SubmitToolOutputs
) -> Response:
    """Give a waiting run its functions' outputs; with `stream` the answer is the run's further events."""
    run, position = await runs.submit_tool_outputs(engine, thread_id, run_id, body)
    if not body.stream:
        return run_response(run)
    return run_stream(engine, run, speaks_v1=speaks_v1, position=position)
