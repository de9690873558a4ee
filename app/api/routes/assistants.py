"""`/assistants`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.engine import assistants
from app.wire.assistants import Assistant, CreateAssistant, ModifyAssistant
from app.wire.base import Deleted
from app.wire.pages import Page

router = APIRouter(prefix="/assistants", tags=["Assistants"], route_class=ApiRoute)


@router.get("", response_model=Page[Assistant])
async def list_assistants(engine: CurrentEngine, cursor: CurrentCursor) -> WireResponse:
    """List assistants."""
    return WireResponse(await assistants.list_assistants(engine, cursor))


@router.post("", response_model=Assistant)
async def create_assistant(engine: CurrentEngine, body: CreateAssistant) -> WireResponse:
    """Create an assistant."""
    return WireResponse(await assistants.create_assistant(engine, body))


@router.get("/{assistant_id}", response_model=Assistant)
async def get_assistant(engine: CurrentEngine, assistant_id: str) -> WireResponse:
    """Retrieve an assistant."""
    return WireResponse(await assistants.get_assistant(engine, assistant_id))


@router.post("/{assistant_id}", response_model=Assistant)
async def modify_assistant(engine: CurrentEngine, assistant_id: str, body: ModifyAssistant) -> WireResponse:
    """Modify an assistant."""
    return WireResponse(await assistants.modify_assistant(engine, assistant_id, body))


@router.delete("/{assistant_id}", response_model=Deleted)
async def delete_assistant(engine: CurrentEngine, assistant_id: str) -> WireResponse:
    """Delete an assistant."""
    return WireResponse(await assistants.delete_assistant(engine, assistant_id))
