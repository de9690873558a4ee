"""Answers of remote services in another shape than the SDK's types promise: found before objects are made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pydantic
from openai import BaseModel

from app.bodies import with_body
from app.connections.extensions import Limits, Sharing, ThreadSummary
from app.connections.shapes import strangeness
from app.connections.types import (
    Assistant,
    File,
    FoundPassage,
    Message,
    Model,
    Run,
    RunStep,
    Thread,
    VectorStore,
    VectorStoreFile,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.connections.types import AssistantStreamEvent, Stream

_SUCCESS: Final = range(200, 300)


class StrangeAnswerError(httpx2.RequestError):
    """An answer is JSON, but not what was asked for; its text says where."""


def _listed(kind: Any) -> Any:
    return pydantic.create_model("Listed", data=list[kind])


class _Assistant(Assistant):
    """The SDK's type lacks this field."""

    reasoning_effort: str | None = None


class _Deployments(BaseModel):
    """Azure calls the list `data`, a Foundry project `value`."""

    data: list[dict[str, object]] | None = None
    value: list[dict[str, object]] | None = None


_NOUNS: Final[dict[str, Any]] = {
    "assistants": _Assistant,
    "threads": Thread,
    "messages": Message,
    "runs": Run,
    "steps": RunStep,
    "files": File,
    "vector_stores": VectorStore,
    "models": Model,
}
_LISTS: Final[dict[str, Any]] = _NOUNS | {"threads": ThreadSummary}
_ALONE: Final[dict[str, Any]] = {
    "deployments": _Deployments,
    "limits": Limits,
    "sharing": Sharing,
    "search": _listed(FoundPassage),
}
_SAME_AS_ITS_OBJECT: Final = frozenset({"cancel", "fork", "submit_tool_outputs"})


class ShapesTransport(httpx2.AsyncBaseTransport):
    """Passes requests on and reads what comes back; raises `StrangeAnswerError` before the SDK makes objects of it."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the inner transport's response."""
        response = await self._inner.handle_async_request(request)
        kind = kind_of(request.method, request.url.path)
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if kind is None or is_stream or response.status_code not in _SUCCESS:
            return response
        body = b"".join([chunk async for chunk in response.stream])  # type: ignore[union-attr]  # it is async
        await response.aclose()
        if strange := _read(body, kind):
            raise StrangeAnswerError(strange, request=request)
        return with_body(request, response, body)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def kind_of(method: str, path: str) -> Any:
    """Return the type that an answer is due in; None where nobody reads the answer as JSON of a known shape."""
    parts = path.strip("/").split("/")
    if method == "DELETE":
        return None
    if parts[-1] in _ALONE:
        return _ALONE[parts[-1]]
    place = next((place for place in reversed(range(len(parts))) if parts[place] in _NOUNS), None)
    if place is None:
        return None
    noun, rest = parts[place], parts[place + 1 :]
    is_of_store = noun == "files" and "vector_stores" in parts[:place]
    if len(rest) > 1 and rest[1] not in _SAME_AS_ITS_OBJECT:
        return None
    if rest or method == "POST":
        return VectorStoreFile if is_of_store else _NOUNS[noun]
    return _listed(VectorStoreFile if is_of_store else _LISTS[noun])


async def well_shaped(stream: Stream[AssistantStreamEvent]) -> AsyncIterator[AssistantStreamEvent]:
    """Yield a run's events as they come; raises `StrangeAnswerError`."""
    async for event in stream:
        data: object = event.data
        strange = strangeness(data.to_dict() if isinstance(data, BaseModel) else data, type(data))
        if strange or not isinstance(data, BaseModel):
            raise StrangeAnswerError(f"in the event {event.event!r:.60}, {strange or 'there is no object'}")
        yield event


def _read(body: bytes, kind: Any) -> str:
    try:
        value = json.loads(body)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "a text in it holds half of a surrogate pair, which no text can hold"
    except (ValueError, RecursionError):
        return "it is no JSON"
    return strangeness(value, kind)
