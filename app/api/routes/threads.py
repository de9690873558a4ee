"""`/threads`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import threads
from app.wire.base import Deleted
from app.wire.threads import CreateThread, ModifyThread, Thread

router = APIRouter(prefix="/threads", tags=["Threads"], route_class=ApiRoute)


@router.post("", response_model=Thread)
async def create_thread(engine: CurrentEngine, body: CreateThread | None = None) -> WireResponse:
    """Create a thread; the body may be missing."""
    return WireResponse(await threads.create_thread(engine, body or CreateThread()))


@router.get("/{thread_id}", response_model=Thread)
async def get_thread(engine: CurrentEngine, thread_id: str) -> WireResponse:
    """Retrieve a thread."""
    return WireResponse(await threads.get_thread(engine, thread_id))


@router.post("/{thread_id}", response_model=Thread)
async def modify_thread(engine: CurrentEngine, thread_id: str, body: ModifyThread) -> WireResponse:
    """Modify a thread."""
    return WireResponse(await threads.modify_thread(engine, thread_id, body))


@router.delete("/{thread_id}", response_model=Deleted)
async def delete_thread(engine: CurrentEngine, thread_id: str) -> WireResponse:
    """Delete a thread."""
    return WireResponse(await threads.delete_thread(engine, thread_id))
