from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from app.connections.clients import Connections
from app.connections.connection import BUILT_IN
from app.connections.wirelog import recording
from app.journal.exchange import Exchange

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from starlette.types import Receive, Scope, Send


class Log(list[Exchange]):
    """A recorder that keeps what it is given."""

    async def __call__(self, exchange: Exchange) -> None:
        self.append(exchange)


@pytest.fixture
def client(connections: Connections) -> AsyncOpenAI:
    return connections.client("Built-in engine")


async def test_a_call_is_recorded_with_both_bodies(client: AsyncOpenAI) -> None:
    log = Log()
    with recording(log):
        await client.beta.threads.create(metadata={"a": "b"})
    await client.beta.threads.create()
    (exchange,) = log
    assert (exchange.method, exchange.status, exchange.request_id) == ("POST", 200, "req_1")
    assert exchange.path == "/openai/threads?api-version=2024-05-01-preview"
    assert json.loads(exchange.detail.request_body or "") == {"metadata": {"a": "b"}}
    assert json.loads(exchange.detail.response_body or "")["metadata"] == {"metadata": {"a": "b"}}
    assert ["api-key", "[redacted]"] in exchange.detail.request_headers
    assert exchange.thread_id == "thread_1"
    assert exchange.is_finished
    assert exchange.duration_ms > 0


async def test_what_came_of_a_stream_is_known_before_its_end(client: AsyncOpenAI) -> None:
    log = Log()
    with recording(log):
        stream = await client.beta.threads.runs.create("t", assistant_id="asst_1", stream=True)
    (began,) = log
    assert began.detail.response_body is None
    assert began.so_far is not None
    await anext(aiter(stream))
    now = began.so_far()
    assert (now.id, now.is_finished, now.error) == (began.id, False, None)
    assert (now.detail.response_body or "").startswith("event: ")
    await stream.close()


async def test_a_stream_is_recorded_when_it_begins_and_when_it_ends(client: AsyncOpenAI) -> None:
    log = Log()
    with recording(log):
        stream = await client.beta.threads.runs.create("t", assistant_id="asst_1", stream=True)
    assert [exchange.is_finished for exchange in log] == [False]
    assert len([event async for event in stream]) == 3
    began, ended = log
    assert began.id == ended.id
    assert ended.is_finished
    assert ended.error is None
    assert (ended.detail.response_body or "").endswith("event: done\ndata: [DONE]\n\n")
    assert ended.detail.marks is not None
    assert ended.detail.marks[-1][1] == 4


async def test_a_stream_that_is_closed_early_says_so(client: AsyncOpenAI) -> None:
    log = Log()
    with recording(log):
        stream = await client.beta.threads.runs.create("t", assistant_id="asst_1", stream=True)
        await stream.close()
    assert log[-1].is_finished
    assert log[-1].error is not None


async def test_a_call_that_fails_on_the_way_is_recorded_with_its_cause() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError("gone")

    log, connections = Log(), Connections([BUILT_IN], engine_app=app)
    with recording(log), pytest.raises(LookupError):
        await connections.client("Built-in engine").beta.threads.create()
    await connections.aclose()
    assert [(exchange.status, exchange.error) for exchange in log] == [(None, "LookupError: gone")]


async def test_uploads_and_downloads_are_recorded_by_their_size(client: AsyncOpenAI) -> None:
    log = Log()
    with recording(log):
        await client.files.create(file=("a.csv", b"x" * 1000), purpose="assistants")
        await client.files.content("f")
    assert str(log[0].detail.request_body).endswith("bytes of multipart/form-data>")
    assert log[1].detail.response_body == "<4 bytes of image/png>"


async def test_sessions_that_call_at_the_same_time_keep_their_own_records(client: AsyncOpenAI) -> None:
    async def call(log: Log, count: int) -> None:
        with recording(log):
            for _ in range(count):
                await client.beta.threads.create()

    first, second = Log(), Log()
    await asyncio.gather(call(first, 2), call(second, 3))
    assert (len(first), len(second)) == (2, 3)
