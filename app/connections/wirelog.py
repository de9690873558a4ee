"""The log of what a connection's client calls: every exchange goes to the recorder of the chat session that made it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import httpx2

from app.connections.bodies import Body, media_type, redact_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_REQUEST_ID_HEADERS = ("x-request-id", "apim-request-id", "x-ms-request-id")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One API call; a stream is recorded twice under one `id`: when it begins (`is_finished` false) and at its end."""

    id: str
    method: str
    path: str
    status: int | None = None
    duration_ms: float = 0.0
    request_body: object = None
    response_body: object = None
    request_id: str | None = None
    is_finished: bool = False
    error: str | None = None
    """Why there is no complete response: the connection failed, or the caller hung up."""

    def as_data(self) -> dict[str, object]:
        """Return the exchange as the journal's JSON."""
        return asdict(self)


Recorder = Callable[[Exchange], Awaitable[None]]

_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Send the exchanges of the calls made inside the block, and of tasks begun there, to `recorder`."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)


class WireLogTransport(httpx2.AsyncBaseTransport):
    """Passes requests to another transport and records them; without a recorder nothing is looked at."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the inner transport's response, whose stream tells the recorder when it ends."""
        recorder = _recorder.get()
        if recorder is None:
            return await self._inner.handle_async_request(request)
        record = _Record(recorder, request)
        try:
            response = await self._inner.handle_async_request(request)
        except Exception as error:
            await record.finish(f"{type(error).__name__}: {error}")
            raise
        await record.begin(response)
        response.stream = _RecordedStream(response.stream, record)  # type: ignore[arg-type]  # async, as the transport is
        return response

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


class _Record:
    """An exchange that is being recorded."""

    def __init__(self, recorder: Recorder, request: httpx2.Request) -> None:
        self._recorder = recorder
        self._started = time.perf_counter()
        path = redact_path(request.url.raw_path.decode("ascii"))
        self._exchange = Exchange(uuid.uuid4().hex, request.method, path, request_body=_request_body(request))
        self.body = Body("")

    async def begin(self, response: httpx2.Response) -> None:
        headers = response.headers
        self.body = Body(media_type(headers.get("content-type", "")), headers.get("content-encoding", ""))
        request_id = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), None)
        self._exchange = replace(self._exchange, status=response.status_code, request_id=request_id)
        if self.body.content_type == "text/event-stream":
            await self._recorder(replace(self._exchange, duration_ms=self._elapsed_ms()))

    async def finish(self, error: str | None = None) -> None:
        if self._exchange.is_finished:
            return
        self._exchange = replace(
            self._exchange,
            duration_ms=self._elapsed_ms(),
            response_body=self.body.value(),
            is_finished=True,
            error=error,
        )
        await self._recorder(self._exchange)

    def _elapsed_ms(self) -> float:
        return round((time.perf_counter() - self._started) * 1000, 1)


class _RecordedStream(httpx2.AsyncByteStream):
    """A response's stream that keeps what passes for the record."""

    def __init__(self, inner: httpx2.AsyncByteStream, record: _Record) -> None:
        self._inner = inner
        self._record = record

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._record.body.add(chunk)
                yield chunk
        except Exception as error:
            await self._record.finish(f"{type(error).__name__}: {error}")
            raise
        await self._record.finish()

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            await self._record.finish("The stream was closed before its end.")


def _request_body(request: httpx2.Request) -> object:
    body = Body(media_type(request.headers.get("content-type", "")))
    try:
        body.add(request.content)
    except httpx2.RequestNotRead:  # A body that streams, such as an upload, is not held in memory.
        size = request.headers.get("content-length", "some")
        return f"<{size} bytes of {body.content_type or 'unknown type'}>"
    return body.value()
