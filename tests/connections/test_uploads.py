"""Uploads that pass their bytes on while they arrive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from app.connections.clients import Connections
from app.connections.connection import BUILT_IN
from app.connections.uploads import upload_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

FILE = {"id": "file-1", "object": "file", "bytes": 4, "created_at": 0, "filename": "a", "purpose": "assistants"}


class Store:
    """A service that notes what arrives, and when the first of it does."""

    def __init__(self) -> None:
        self.body = b""
        self.headers: dict[str, str] = {}
        self.has_begun = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.headers = dict(request.headers)
        async for chunk in request.stream():
            self.body += chunk
            if b"first" in self.body:
                self.has_begun.set()
        await JSONResponse({**FILE, "status": "processed"})(scope, receive, send)


@pytest.mark.parametrize(
    ("name", "written"), [('a"b.txt', "a%22b.txt"), ("月\r\n.md", "月%0D%0A.md"), ("..\\x", "../x")]
)
async def test_the_first_bytes_arrive_before_the_last_are_there(name: str, written: str) -> None:
    store = Store()
    connections = Connections([BUILT_IN], engine_app=store)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        async with asyncio.timeout(5):
            await store.has_begun.wait()
        yield b"second"

    file = await upload_file(connections.client(BUILT_IN.name), name, "vision", chunks(), 11)
    await connections.aclose()
    assert file.id == "file-1"
    assert b"\r\n\r\nfirstsecond\r\n--" in store.body
    assert f'filename="{written}"'.encode() in store.body
    assert b'name="purpose"\r\n\r\nvision' in store.body
    assert store.headers["content-length"] == str(len(store.body))
