from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse

from app.connections.transport import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send


@asynccontextmanager
async def client_of(app: ASGIApp) -> AsyncIterator[httpx2.AsyncClient]:
    transport = InProcessTransport(app, "ada")
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_the_application_sees_the_whole_request() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = {
            "url": str(request.url),
            "method": request.method,
            "body": (await request.body()).decode(),
            "principal": scope["extensions"]["principal"],
            "client": request.client.host if request.client else None,
        }
        await JSONResponse(answer, 201, {"x-request-id": "r1"})(scope, receive, send)

    async with client_of(app) as client:
        response = await client.post("/v1/x y?a=1", content=b"hello")
    assert (response.status_code, response.headers["x-request-id"]) == (201, "r1")
    assert response.json() == {
        "url": "http://localhost/v1/x y?a=1",
        "method": "POST",
        "body": "hello",
        "principal": "ada",
        "client": "127.0.0.1",
    }


async def test_chunks_arrive_as_they_are_sent() -> None:
    go_on = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        await go_on.wait()
        yield b"second"

    async with client_of(StreamingResponse(chunks())) as client, client.stream("GET", "/") as response:
        parts = response.aiter_raw()
        assert await asyncio.wait_for(anext(parts), 5) == b"first"
        go_on.set()
        assert [part async for part in parts] == [b"second"]


async def test_an_application_that_is_ahead_waits_for_its_reader() -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for sent in range(1, 1001):  # noqa: B007  Counted for the assertion.
            yield b"x" * 10

    async with client_of(StreamingResponse(chunks())) as client, client.stream("GET", "/") as response:
        await asyncio.sleep(0.1)
        assert sent < 100
        assert len(await response.aread()) == 10_000


async def test_a_caller_who_hangs_up_ends_the_application() -> None:
    ended = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more"
                await asyncio.sleep(0)
        finally:
            ended.set()

    async with client_of(StreamingResponse(chunks())) as client:
        async with client.stream("GET", "/") as response:
            await anext(response.aiter_raw())
        await asyncio.wait_for(ended.wait(), 5)


async def test_a_cancelled_caller_ends_the_application() -> None:
    told = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        told.set()

    async with client_of(app) as client:
        call = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0.02)
        call.cancel()
        await asyncio.wait_for(told.wait(), 5)


async def test_an_exception_before_the_response_reaches_the_caller() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError("nothing here")

    async with client_of(app) as client:
        with pytest.raises(LookupError, match="nothing here"):
            await client.get("/")


async def test_an_exception_in_mid_stream_reaches_the_reader_after_what_was_sent() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"half"
        raise LookupError("no more")

    async with client_of(StreamingResponse(chunks())) as client, client.stream("GET", "/") as response:
        parts = response.aiter_raw()
        assert await anext(parts) == b"half"
        with pytest.raises(LookupError, match="no more"):
            await anext(parts)


async def test_a_response_without_an_end_is_a_protocol_error() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async with client_of(app) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")


async def test_a_silent_application_times_out() -> None:
    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with client_of(app) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await client.get("/", timeout=0.05)


async def test_an_exception_after_the_response_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("sorry", 500)(scope, receive, send)
        raise LookupError("nothing here")

    async with client_of(app) as client:
        assert (await client.get("/page")).status_code == 500
    assert "GET /page failed" in caplog.text


async def test_work_after_the_response_is_finished_in_peace() -> None:
    done = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)
        await asyncio.sleep(0.02)
        done.set()

    async with client_of(app) as client:
        assert (await client.get("/")).text == "ok"
        await asyncio.wait_for(done.wait(), 5)


async def test_closing_the_transport_ends_what_still_runs() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    async with client_of(app) as client:
        call = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0.02)
    with pytest.raises(httpx2.ReadError):
        await asyncio.wait_for(call, 5)
