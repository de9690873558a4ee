"""What a remote service may answer: no more than fits, nothing compressed, and never the key that it was sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from app.connections.clients import Connections
from app.connections.connection import Connection
from app.connections.failures import translated
from app.errors import AppError, UpstreamFailed
from tests.live import serve

KEY = "0123456789abcdef0123456789abcdef"
REACHED: list[str] = []


async def endless(_request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"data": ["'
        for _ in range(100):
            yield b"a" * 1_000_000

    return StreamingResponse(body(), media_type="application/json")


async def compressed(_request: Request) -> Response:
    headers = {"content-encoding": "gzip"}
    return Response(gzip.compress(b"a" * 10_000_000), media_type="application/json", headers=headers)


async def redirect(_request: Request) -> Response:
    return RedirectResponse("/internal/threads/t", 307)


async def internal(request: Request) -> Response:
    REACHED.append(request.headers.get("authorization", ""))
    return Response("{}", media_type="application/json")


async def talkative(request: Request) -> Response:
    said = f"Unknown key: {request.headers['authorization']}"
    return Response(json.dumps({"error": {"message": said}}), 400, media_type="application/json")


async def broken(_request: Request) -> Response:
    return Response('{"data": [', media_type="application/json")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    kinds = {"endless": endless, "compressed": compressed, "redirect": redirect, "internal": internal}
    kinds |= {"talkative": talkative, "broken": broken}
    with serve(Starlette(routes=[Route(f"/{name}/threads/t", kind) for name, kind in kinds.items()])) as url:
        yield url


async def failure(url: str) -> AppError:
    connection = Connection("Evil", "compatible", url, api_key=KEY)
    client = Connections([], engine_app=Starlette()).open(connection)
    async with client:
        with pytest.raises(AppError) as caught, translated(connection):
            await client.beta.threads.retrieve("t")
    return caught.value


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("endless", "more than any answer has"),
        ("compressed", "Check the address"),
        ("redirect", "status 307"),
        ("broken", "no JSON"),
    ],
)
async def test_an_answer_that_is_none_fails_with_a_sentence(service: str, kind: str, sentence: str) -> None:
    error = await failure(f"{service}/{kind}")
    assert isinstance(error, UpstreamFailed)
    assert sentence in error.message
    assert REACHED == []


async def test_a_key_that_a_service_repeats_is_struck_out(service: str) -> None:
    error = await failure(f"{service}/talkative")
    assert "Unknown key" in error.message
    assert KEY not in error.message
