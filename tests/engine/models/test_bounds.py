"""Providers that send rubbish or without end, as real servers."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.engine.models.port import ChatRequest, ModelEvent, ModelInfo, TextDelta, TextPart, UserMessage
from app.engine.models.providers import OpenAICompatible, openai_provider
from app.errors import UpstreamFailed
from tests.live import serve

PIECE = b"x" * 65_536
MEMORY_BYTES = 48 * 1024 * 1024


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def said(delta: object) -> bytes:
    return event({"choices": [{"index": 0, "delta": delta}]})


ENDLESS: dict[str, tuple[bytes, bytes]] = {
    "line": (b"data: ", PIECE),
    "text": (b"", said({"content": PIECE.decode()})),
    "arguments": (b"", said({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": PIECE.decode()}}]})),
    "calls": (b"", b"".join(said({"tool_calls": [{"index": number}]}) for number in range(5_000))),
    "comments": (b"", b":" + PIECE + b"\n"),
}
RUBBISH: dict[str, object] = {
    "number": 5,
    "list": [],
    "choices": {"choices": 5},
    "choice": {"choices": ["x"]},
    "delta": {"choices": [{"delta": "x"}]},
    "content": {"choices": [{"delta": {"content": {"a": 1}}}]},
    "calls-object": {"choices": [{"delta": {"tool_calls": {"a": 1}}}]},
    "call": {"choices": [{"delta": {"tool_calls": [[]]}}]},
    "arguments-number": {"choices": [{"delta": {"tool_calls": [{"index": "x", "function": {"arguments": 7}}]}}]},
    "reason": {"choices": [{"finish_reason": ["stop"]}]},
    "usage": {"usage": "much"},
}


async def complete(request: Request) -> Response:
    name = (await request.json())["model"]
    if name in ENDLESS:
        return StreamingResponse(without_end(*ENDLESS[name]), media_type="text/event-stream")
    if name == "plain":
        return StreamingResponse(without_end(b"", PIECE), media_type="application/json")
    if name == "packed":
        return Response(b"", media_type="text/event-stream", headers={"content-encoding": "gzip"})
    if name == "halves":
        body = said({"content": "a\0b \ud83d"}) + event({"choices": [{"finish_reason": "stop"}], "usage": {}})
        return Response(body, media_type="text/event-stream")
    body = b"data: " + b"[" * 200_000 + b"\n\n" if name == "deep" else event(RUBBISH[name])
    return Response(body, media_type="text/event-stream")


async def without_end(first: bytes, rest: bytes) -> AsyncIterator[bytes]:
    yield first
    while True:
        yield rest
        await asyncio.sleep(0)  # Else the server would never hear that nobody reads any more.


async def list_models(request: Request) -> Response:
    match request.path_params["kind"]:
        case "endless":
            return StreamingResponse(without_end(b'{"data": [', PIECE), media_type="application/json")
        case "many":
            return Response(json.dumps({"data": [{"id": f"m{number}"} for number in range(9_000)]}))
        case "odd":
            models = [{"id": "good", "created": "x"}, {"id": "x" * 900}, {"id": ""}, {}]
            return Response(json.dumps({"data": models}))
        case kind:
            return Response(
                {"number": "5", "data": '{"data": 5}', "item": '{"data": [5]}', "id": '{"data":[{"id":5}]}'}[kind]
            )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    routes = [
        Route("/{kind}/chat/completions", complete, methods=["POST"]),
        Route("/{kind}/models", list_models),
    ]
    with serve(Starlette(routes=routes)) as url:
        yield url


async def answer(url: str, model: str) -> list[ModelEvent]:
    provider = openai_provider("key", f"{url}/v1", None)
    request = ChatRequest(model, (UserMessage((TextPart("Hi"),)),))
    try:
        return [event async for event in provider.chat(ModelInfo(model, "Provider", 8_000)).stream(request)]
    finally:
        await provider.aclose()


async def models(url: str, kind: str) -> list[ModelInfo]:
    provider: OpenAICompatible = openai_provider("key", f"{url}/{kind}", None)
    try:
        return await provider.models()
    finally:
        await provider.aclose()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("line", "a line of more than 1 MB"),
        ("plain", "a line of more than 1 MB"),
        ("text", "longer than 4 million characters"),
        ("arguments", "longer than 4 million characters"),
        ("calls", "longer than 4 million characters"),
        ("comments", "more than 256 MB in one answer"),
        ("packed", "compressed"),
    ],
)
async def test_an_answer_without_end_is_ended_and_memory_stays_flat(url: str, model: str, words: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamFailed, match=words) as caught:
            await answer(url, model)
        assert tracemalloc.get_traced_memory()[1] < MEMORY_BYTES
    finally:
        tracemalloc.stop()
    assert caught.value.code == "server_error"


@pytest.mark.parametrize("model", [*(name for name in RUBBISH if name != "list"), "deep"])
async def test_an_answer_of_another_shape_says_so(url: str, model: str) -> None:
    with pytest.raises(UpstreamFailed, match="not the Chat Completions protocol"):
        await answer(url, model)


async def test_what_no_text_can_hold_is_replaced(url: str) -> None:
    texts = [each.text for each in await answer(url, "halves") if isinstance(each, TextDelta)]
    assert texts == ["a\ufffdb \ufffd"]


@pytest.mark.parametrize("kind", ["number", "data", "item", "id"])
async def test_a_list_of_models_of_another_shape_says_so(url: str, kind: str) -> None:
    with pytest.raises(UpstreamFailed, match="not the Chat Completions protocol"):
        await models(url, kind)


async def test_a_list_of_models_is_bounded(url: str) -> None:
    with pytest.raises(UpstreamFailed, match="more than 32 MB in one answer"):
        await models(url, "endless")
    assert len(await models(url, "many")) == 2_000
    assert [info.id for info in await models(url, "odd")] == ["good"]
