"""Uploading a file while it arrives: the bytes go on to the service piece by piece and are never held."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from openai.types import FileObject

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from openai import AsyncOpenAI

_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A", "\\": "/"})


async def upload_file(
    client: AsyncOpenAI, name: str, purpose: str, chunks: AsyncIterable[bytes], size_bytes: int
) -> FileObject:
    """Store a file of that size under a name.

    The SDK's own `files.create` reads its file synchronously, so it cannot pass on a body that is still arriving.
    """
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name.translate(_QUOTED)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    headers = {
        # Media types know no case. Written in small letters, the SDK would make a form of its own.
        "Content-Type": f"Multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(head) + size_bytes + len(tail)),
    }
    return await client.post(
        "/files", cast_to=FileObject, content=_form(head, chunks, tail), options={"headers": headers}
    )


async def _form(head: bytes, chunks: AsyncIterable[bytes], tail: bytes) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk
    yield tail
