"""`/files`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import FileResponse

from app.api.deps import CurrentEngine, FilesCursor
from app.api.dialect import CurrentDialect, Dialect
from app.api.responses import WireResponse
from app.api.uploads import LARGEST_FILE_BYTES, receive_upload
from app.engine import files
from app.wire.base import Deleted
from app.wire.files import EXPIRY_SECONDS, UPLOAD_PURPOSES, File
from app.wire.pages import Page

router = APIRouter(prefix="/files", tags=["Files"])

_UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string", "enum": list(UPLOAD_PURPOSES), "example": "assistants"},
                        "expires_after[anchor]": {"type": "string", "enum": ["created_at"]},
                        "expires_after[seconds]": {
                            "type": "integer",
                            "minimum": EXPIRY_SECONDS.start,
                            "maximum": EXPIRY_SECONDS.stop - 1,
                        },
                    },
                }
            }
        },
    }
}


@router.get("", response_model=Page[File])
async def list_files(engine: CurrentEngine, cursor: FilesCursor, purpose: str | None = None) -> WireResponse:
    """List files, of one purpose where it is given."""
    return WireResponse(await files.list_files(engine, cursor, purpose))


@router.post("", response_model=File, openapi_extra=_UPLOAD_FORM)
async def upload_file(engine: CurrentEngine, dialect: CurrentDialect, request: Request) -> WireResponse:
    """Upload a file of up to 512 MB."""
    style: files.FileIdStyle = "assistant-" if dialect is Dialect.AZURE else "file-"
    async with engine.blobs.writer() as blob:
        largest_bytes = await engine.allowance.largest_upload(engine.database, LARGEST_FILE_BYTES)
        upload = await receive_upload(request, blob, largest_bytes)
    stored = await files.store_upload(engine, blob, upload.filename, upload.purpose, style, upload.lifetime_seconds)
    return WireResponse(stored)


@router.get("/{file_id}", response_model=File)
async def get_file(engine: CurrentEngine, file_id: str) -> WireResponse:
    """Retrieve a file's description."""
    return WireResponse(await files.get_file(engine, file_id))


@router.get("/{file_id}/content", response_class=FileResponse)
async def get_file_content(engine: CurrentEngine, file_id: str) -> FileResponse:
    """Download a file, or the part of it that a `Range` header names."""
    file, path = await files.file_content(engine, file_id)
    headers = {"x-content-type-options": "nosniff"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers, filename=file.filename)


@router.delete("/{file_id}", response_model=Deleted)
async def delete_file(engine: CurrentEngine, file_id: str) -> WireResponse:
    """Delete a file."""
    return WireResponse(await files.delete_file(engine, file_id))
