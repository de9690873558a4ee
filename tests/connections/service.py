"""A small service in the Assistants API's shape, for the tests of clients and wire log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

EVENT = b'event: thread.message.delta\ndata: {"id": "msg_1", "object": "thread.message.delta", "delta": {}}\n\n'


async def create_thread(request: Request) -> Response:
    thread = {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": await request.json()}
    return JSONResponse(thread, headers={"x-request-id": "req_1"})


async def create_run(_request: Request) -> Response:
    async def events() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield EVENT
        yield b"event: done\ndata: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


async def upload(request: Request) -> Response:
    async with request.form() as form:
        return JSONResponse({"id": "file-1", "fields": list(form)})


async def content(_request: Request) -> Response:
    return Response(b"\x89PNG", media_type="image/png")


async def fail(request: Request) -> Response:
    request.app.state.failures += 1
    return JSONResponse({"error": {"message": "no luck"}}, 500)


def service() -> Starlette:
    app = Starlette(routes=[route for prefix in ("/openai", "/v1") for route in _routes(prefix)])
    app.state.failures = 0
    return app


def _routes(prefix: str) -> list[Route]:
    return [
        Route(f"{prefix}/threads", create_thread, methods=["POST"]),
        Route(f"{prefix}/threads/t/runs", create_run, methods=["POST"]),
        Route(f"{prefix}/threads/fail", fail, methods=["POST"]),
        Route(f"{prefix}/files", upload, methods=["POST"]),
        Route(f"{prefix}/files/f/content", content),
    ]
