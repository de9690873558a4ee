"""A proxy before a real server that fails in the ways that services and networks do, on demand."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

_HOP_BY_HOP = {"host", "content-length", "transfer-encoding", "connection", "content-encoding"}


class FaultyService:
    """An ASGI application that passes requests on to `target`; faults are set at any time."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.seen: list[str] = []
        self.busy_left = 0
        """How many answers are still 429 with a Retry-After."""
        self.refused_tokens: set[str] = set()
        self.status: int | None = None
        self.page: int | None = None
        self.silence_seconds = 0.0
        self.chunks_until_cut: int | None = None
        self.twist: Callable[[str, Any], Any] | None = None
        """What becomes of each JSON answer, given its path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.seen.append(f"{request.method} {request.url.path}")
        response = self._fault(request) or await self._pass_on(request)
        await response(scope, receive, send)

    def _fault(self, request: Request) -> Response | None:
        if self.busy_left:
            self.busy_left -= 1
            return JSONResponse({"error": {"message": "Slow down.", "code": "429"}}, 429, {"retry-after": "0.2"})
        if request.headers.get("authorization", "").removeprefix("Bearer ") in self.refused_tokens:
            return JSONResponse({"error": {"message": "The token has expired.", "code": "401"}}, 401)
        if self.page is not None:
            return HTMLResponse("<html><h1>Gateway</h1></html>", self.page)
        if self.status is not None:
            return JSONResponse({"error": {"message": "Resource not found", "code": str(self.status)}}, self.status)
        return None

    async def _pass_on(self, request: Request) -> Response:
        await asyncio.sleep(self.silence_seconds)
        headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
        url = f"{self.target}{request.url.path}?{request.url.query}"
        client = httpx2.AsyncClient(timeout=60, trust_env=False)
        answer = await client.send(
            client.build_request(request.method, url, headers=headers, content=await request.body()), stream=True
        )
        kept = {name: value for name, value in answer.headers.items() if name not in _HOP_BY_HOP}
        if self.twist and answer.is_success and answer.headers.get("content-type") == "application/json":
            said = json.loads(await answer.aread())
            await client.aclose()
            twisted = json.dumps(self.twist(request.url.path, said))
            return Response(twisted, answer.status_code, media_type="application/json")
        return StreamingResponse(self._chunks(client, answer), answer.status_code, kept)

    async def _chunks(self, client: httpx2.AsyncClient, answer: httpx2.Response) -> AsyncIterator[bytes]:
        try:
            async for number, chunk in _counted(answer.aiter_raw()):
                if self.chunks_until_cut is not None and number >= self.chunks_until_cut and _is_events(answer):
                    raise ConnectionResetError("The stream is cut on demand.")
                yield chunk
        finally:
            await answer.aclose()
            await client.aclose()


def _is_events(answer: httpx2.Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/event-stream")


async def _counted(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    number = 0
    async for chunk in chunks:
        yield number, chunk
        number += 1
