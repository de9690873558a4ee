"""`/threads/{thread_id}/runs/{run_id}/prompt`, an extension."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import prompts
from app.wire.prompts import Prompt

router = APIRouter(prefix="/threads/{thread_id}/runs/{run_id}/prompt", tags=["Runs"], route_class=ApiRoute)


@router.get("", response_model=Prompt, openapi_extra={"x-extension": True})
async def get_prompt(engine: CurrentEngine, thread_id: str, run_id: str) -> WireResponse:
    """Retrieve what the run's model was sent, call by call; a call appears once it has ended."""
    return WireResponse(await prompts.get_prompt(engine, thread_id, run_id))
