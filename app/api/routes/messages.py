"""`/threads/{thread_id}/messages`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import messages
from app.wire.base import Deleted
from app.wire.messages import CreateMessage, Message, ModifyMessage
from app.wire.pages import Page

router = APIRouter(prefix="/threads/{thread_id}/messages", tags=["Messages"], route_class=ApiRoute)


@router.get("", response_model=Page[Message])
async def list_messages(
    engine: CurrentEngine, thread_id: str, cursor: CurrentCursor, run_id: str | None = None
) -> WireResponse:
    """List a thread's messages, newest first unless `order=asc`."""
    return WireResponse(await messages.list_messages(engine, thread_id, cursor, run_id))


@router.post("", response_model=Message)
async def create_message(engine: CurrentEngine, thread_id: str, body: CreateMessage) -> WireResponse:
    """Add a message to a thread."""
    return WireResponse(await messages.create_message(engine, thread_id, body))


@router.get("/{message_id}", response_model=Message)
async def get_message(engine: CurrentEngine, thread_id: str, message_id: str) -> WireResponse:
    """Retrieve a message."""
    return WireResponse(await messages.get_message(engine, thread_id, message_id))


@router.post("/{message_id}", response_model=Message)
async def modify_message(engine: CurrentEngine, thread_id: str, message_id: str, body: ModifyMessage) -> WireResponse:
    """Modify a message's metadata; as an extension also the content of a user's message."""
    return WireResponse(await messages.modify_message(engine, thread_id, message_id, body))


@router.delete("/{message_id}", response_model=Deleted)
async def delete_message(engine: CurrentEngine, thread_id: str, message_id: str) -> WireResponse:
    """Delete a message."""
    return WireResponse(await messages.delete_message(engine, thread_id, message_id))
