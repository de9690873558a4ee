"""The log of what a connection's client calls: every exchange goes to the recorder of the chat session that made it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import httpx2

from app.journal.exchange import Exchange
from app.journal.recording import Recording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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
        path = request.url.raw_path.decode("ascii")
        self.recording = Recording(request.method, path, request.headers.raw)
        _take_body(self.recording, request)

    async def begin(self, response: httpx2.Response) -> None:
        self.recording.begin(response.status_code, response.headers.raw)
        if self.recording.response.is_event_stream:
            await self._recorder(self.recording.begun())

    async def finish(self, error: str | None = None) -> None:
        if not self.recording.is_finished:
            await self._recorder(self.recording.finish(error))


class _RecordedStream(httpx2.AsyncByteStream):
    """A response's stream that keeps what passes for the record."""

    def __init__(self, inner: httpx2.AsyncByteStream, record: _Record) -> None:
        self._inner = inner
        self._record = record

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._record.recording.add(chunk)
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


def _take_body(recording: Recording, request: httpx2.Request) -> None:
    try:
        recording.request.add(request.content)
    except httpx2.RequestNotRead:  # A body that streams, such as an upload, is not held in memory.
        recording.request.size_bytes = int(request.headers.get("content-length", "0"))
