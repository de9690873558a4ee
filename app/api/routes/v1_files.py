"""Files of assistants and messages, as v1 had them: `/assistants/{id}/files`, `/threads/{id}/messages/{id}/files`."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.api.versions import require_v1
from app.engine import v1_files
from app.wire.base import RequestModel
from app.wire.pages import Page
from app.wire.v1 import AssistantFile, AssistantFileDeleted, MessageFile

router = APIRouter(tags=["Files of v1"], route_class=ApiRoute, dependencies=[Depends(require_v1)])


class AttachFile(RequestModel):
    """The file to attach."""

    file_id: str


@router.get("/assistants/{assistant_id}/files", response_model=Page[AssistantFile])
async def list_assistant_files(engine: CurrentEngine, assistant_id: str, cursor: CurrentCursor) -> WireResponse:
    """List an assistant's files."""
    return WireResponse(await v1_files.list_assistant_files(engine, assistant_id, cursor))


@router.post("/assistants/{assistant_id}/files", response_model=AssistantFile)
async def attach_assistant_file(engine: CurrentEngine, assistant_id: str, body: AttachFile) -> WireResponse:
    """Attach a file to an assistant."""
    return WireResponse(await v1_files.attach_assistant_file(engine, assistant_id, body.file_id))


@router.get("/assistants/{assistant_id}/files/{file_id}", response_model=AssistantFile)
async def get_assistant_file(engine: CurrentEngine, assistant_id: str, file_id: str) -> WireResponse:
    """Retrieve an assistant's file."""
    return WireResponse(await v1_files.get_assistant_file(engine, assistant_id, file_id))


@router.delete("/assistants/{assistant_id}/files/{file_id}", response_model=AssistantFileDeleted)
async def detach_assistant_file(engine: CurrentEngine, assistant_id: str, file_id: str) -> WireResponse:
    """Detach a file from an assistant; the file stays."""
    return WireResponse(await v1_files.detach_assistant_file(engine, assistant_id, file_id))


@router.get("/threads/{thread_id}/messages/{message_id}/files", response_model=Page[MessageFile])
async def list_message_files(
    engine: CurrentEngine, thread_id: str, message_id: str, cursor: CurrentCursor
) -> WireResponse:
    """List a message's files."""
    return WireResponse(await v1_files.list_message_files(engine, thread_id, message_id, cursor))


@router.get("/threads/{thread_id}/messages/{message_id}/files/{file_id}", response_model=MessageFile)
async def get_message_file(engine: CurrentEngine, thread_id: str, message_id: str, file_id: str) -> WireResponse:
    """Retrieve a message's file."""
    return WireResponse(await v1_files.get_message_file(engine, thread_id, message_id, file_id))
