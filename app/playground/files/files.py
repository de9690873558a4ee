"""Routes of files that assistants made: images are shown, everything else is downloaded."""

from __future__ import annotations

import mimetypes
from contextlib import AsyncExitStack
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.connections.failures import translated
from app.playground.deps import SessionDep
from app.playground.failures import PageRoute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.connections.types import StreamedContent
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/files")

_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@router.get("/{file_id}")
async def file_content(file_id: str, session: SessionDep) -> StreamingResponse:
    """Send a file's bytes; only types that cannot carry scripts are shown in the page."""
    return await send_file(session, file_id)


async def send_file(session: Session, file_id: str) -> StreamingResponse:
    """Return the bytes of a file that the session's person may see."""
    stack = AsyncExitStack()
    with session.calls():
        file = await session.client.files.retrieve(file_id)
        content = await stack.enter_async_context(session.client.files.with_streaming_response.content(file_id))
    name = PurePosixPath(file.filename).name
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "inline" if media_type in _SHOWN else "attachment"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, max-age=86400, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    shown_type = media_type if kind == "inline" else "application/octet-stream"
    return StreamingResponse(_bytes(stack, content), media_type=shown_type, headers=headers)


async def _bytes(stack: AsyncExitStack, content: StreamedContent) -> AsyncIterator[bytes]:
    async with stack:
        with translated():
            async for chunk in content.iter_bytes():
                yield chunk
