"""`/assistants`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.api.versions import SpeaksV1
from app.engine import assistants, sharing
from app.engine.retrieval import end_retrieval, serve_retrieval
from app.engine.store import tables
from app.wire.assistants import Assistant, CreateAssistant, ModifyAssistant
from app.wire.base import Deleted
from app.wire.pages import Page
from app.wire.sharing import ModifySharing, Sharing

router = APIRouter(prefix="/assistants", tags=["Assistants"], route_class=ApiRoute)

_EXTENSION: dict[str, object] = {"x-extension": True}


@router.get("", response_model=Page[Assistant])
async def list_assistants(engine: CurrentEngine, cursor: CurrentCursor) -> WireResponse:
    """List assistants."""
    return WireResponse(await assistants.list_assistants(engine, cursor))


@router.post("", response_model=Assistant)
async def create_assistant(engine: CurrentEngine, speaks_v1: SpeaksV1, body: CreateAssistant) -> WireResponse:
    """Create an assistant."""
    assistant = await assistants.create_assistant(engine, body)
    if speaks_v1:
        await serve_retrieval(engine, assistant.id)
    return WireResponse(assistant)


@router.get("/{assistant_id}", response_model=Assistant)
async def get_assistant(engine: CurrentEngine, assistant_id: str) -> WireResponse:
    """Retrieve an assistant."""
    return WireResponse(await assistants.get_assistant(engine, assistant_id))


@router.post("/{assistant_id}", response_model=Assistant)
async def modify_assistant(
    engine: CurrentEngine, speaks_v1: SpeaksV1, assistant_id: str, body: ModifyAssistant
) -> WireResponse:
    """Modify an assistant."""
    assistant = await assistants.modify_assistant(engine, assistant_id, body)
    if speaks_v1:
        await serve_retrieval(engine, assistant_id)
    return WireResponse(assistant)


@router.delete("/{assistant_id}", response_model=Deleted)
async def delete_assistant(engine: CurrentEngine, assistant_id: str) -> WireResponse:
    """Delete an assistant."""
    deleted = await assistants.delete_assistant(engine, assistant_id)
    await end_retrieval(engine, assistant_id)
    return WireResponse(deleted)


@router.get("/{assistant_id}/sharing", response_model=Sharing, openapi_extra=_EXTENSION)
async def get_assistant_sharing(engine: CurrentEngine, assistant_id: str) -> WireResponse:
    """Tell whose an assistant is and whether it is shared; this is an extension."""
    return WireResponse(await sharing.get_sharing(engine, tables.assistants, assistant_id))


@router.post("/{assistant_id}/sharing", response_model=Sharing, openapi_extra=_EXTENSION)
async def modify_assistant_sharing(engine: CurrentEngine, assistant_id: str, body: ModifySharing) -> WireResponse:
    """Share an assistant with everybody who signs in, or stop that; this is an extension."""
    return WireResponse(await sharing.modify_sharing(engine, tables.assistants, assistant_id, body))
