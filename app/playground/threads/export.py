"""Routes that export a thread, as Markdown with its files or as JSON."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import APIRouter, Response

from app.playground.deps import SessionDep
from app.playground.failures import PageRoute
from app.playground.threads.thread_archive import read_archive
from app.playground.threads.thread_markdown import ThreadMarkdown, file_names

if TYPE_CHECKING:
    from app.playground.threads.thread_archive import Archive

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")


@router.get("/export.zip")
async def export_markdown(session: SessionDep) -> Response:
    """Send the thread as Markdown in a zip, with its files beside it."""
    archive = await read_archive(session)
    content = await to_thread.run_sync(_zipped, archive)
    return _download(content, f"{session.thread_id}.zip", "application/zip")


@router.get("/export.json")
async def export_json(session: SessionDep) -> Response:
    """Send everything about the thread as JSON, which can be imported again."""
    archive = await read_archive(session)
    content = await to_thread.run_sync(_written, archive)
    return _download(content, f"{session.thread_id}.json", "application/json")


def _written(archive: Archive) -> bytes:
    return json.dumps(archive.document(), indent=1, ensure_ascii=False).encode(errors="backslashreplace")


def _zipped(archive: Archive) -> bytes:
    names = file_names(archive)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        text = ThreadMarkdown(archive, names).text()
        folder.writestr("thread.md", text.encode(errors="replace"))
        for file in archive.files.values():
            if file.content is not None:
                folder.writestr(f"files/{names[file.id]}", file.content)
    return buffer.getvalue()


def _download(content: bytes, name: str, media_type: str) -> Response:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    headers = {"Content-Disposition": f'attachment; filename="{plain}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
