"""`/threads`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import thread_fork, thread_list, threads
from app.wire.base import Deleted
from app.wire.pages import Page
from app.wire.thread_summaries import ThreadSummary
from app.wire.threads import CreateThread, ForkThread, ModifyThread, Thread

router = APIRouter(prefix="/threads", tags=["Threads"], route_class=ApiRoute)


EXTENSION: dict[str, object] = {"x-extension": True}


@router.get("", response_model=Page[ThreadSummary], openapi_extra=EXTENSION)
async def list_threads(
    engine: CurrentEngine, cursor: CurrentCursor, query: str | None = None, *, has_messages: bool = False
) -> WireResponse:
    """List threads, newest first unless `order=asc`; this is an extension."""
    return WireResponse(await thread_list.list_threads(engine, cursor, query, has_messages=has_messages))


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


@router.post("/{thread_id}/fork", response_model=Thread, openapi_extra=EXTENSION)
async def fork_thread(engine: CurrentEngine, thread_id: str, body: ForkThread | None = None) -> WireResponse:
    """Copy a thread's messages up to one of them into a new thread; this is an extension."""
    return WireResponse(await thread_fork.fork_thread(engine, thread_id, body or ForkThread()))


@router.delete("/{thread_id}", response_model=Deleted)
async def delete_thread(engine: CurrentEngine, thread_id: str) -> WireResponse:
    """Delete a thread."""
    return WireResponse(await threads.delete_thread(engine, thread_id))
