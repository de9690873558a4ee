"""The way from an SDK client to an application in the same process, with bodies that stream."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

import httpx2

from app.connections.principal import current_principal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Scope

_log = logging.getLogger(__name__)
_QUEUED_CHUNKS = 64
_GOODBYE_SECONDS = 5.0
_CLIENT = ("127.0.0.1", 0)


class InProcessTransport(httpx2.AsyncBaseTransport):
    """Runs `app` in a task for each request; chunks reach the caller as they are sent.

    The principal stands in the scope as `scope["extensions"]["principal"]`, where nobody outside can put it: the one
    that the caller acts for, else the given one.
    An exception of the application reaches the caller; a caller who hangs up is told to it as `http.disconnect`.
    """

    def __init__(self, app: ASGIApp, principal: str) -> None:
        self._app = app
        self._principal = principal
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response as soon as the application has begun it."""
        call = _Call(request)
        task = asyncio.create_task(call.run(self._app, _scope(request, current_principal() or self._principal)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        stream = _ResponseStream(call, task)
        try:
            await call.wait_readable()
        except BaseException:
            await stream.aclose()
            raise
        return httpx2.Response(call.status, headers=call.headers, stream=stream)

    async def aclose(self) -> None:
        """Cancel the calls that still run."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Call:
    """One run of the application: what it receives, and what it has sent but nobody has read yet."""

    def __init__(self, request: httpx2.Request) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.has_ended = False
        self._request = request
        self._request_chunks = aiter(request.stream)  # type: ignore[arg-type]  # an async client makes async streams
        self._is_request_read = False
        self._read_timeout = request.extensions.get("timeout", {}).get("read")
        self._chunks: deque[bytes] = deque()
        self._error: Exception | None = None
        self._readable, self._writable, self._gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self.receive, self.send)
            if not self.has_ended:
                self._error = httpx2.RemoteProtocolError("The application stopped before its response was complete.")
        except Exception as error:
            if self.has_ended:  # The caller has a whole response, such as a status 500, and needs no more.
                _log.exception("%s %s failed", scope["method"], scope["path"])
            else:
                self._error = error
        except asyncio.CancelledError:
            self._error = httpx2.ReadError("The connection was closed.")
            raise
        finally:
            self.has_ended = True
            self._readable.set()

    async def receive(self) -> Message:
        if not self._is_request_read:
            chunk = await anext(self._request_chunks, None)
            self._is_request_read = chunk is None
            return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            await self._put(message.get("body", b""))
            self.has_ended = not message.get("more_body", False)
        self._readable.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            if self._chunks:
                waiting = b"".join(self._chunks)
                self._chunks.clear()
                self._writable.set()
                yield waiting
            elif self._error is not None:
                raise self._error
            elif self.has_ended:
                return
            else:
                self._readable.clear()
                await self.wait_readable()

    async def wait_readable(self) -> None:
        """Wait for the response's start, its next chunk or its end."""
        try:
            async with asyncio.timeout(self._read_timeout):
                await self._readable.wait()
        except TimeoutError as error:
            raise httpx2.ReadTimeout("The application took too long.", request=self._request) from error
        if self._error is not None and self.status == 0:
            raise self._error

    def hang_up(self) -> None:
        """Let the application know that nobody reads any more."""
        self._gone.set()
        self._writable.set()

    async def _put(self, chunk: bytes) -> None:
        while len(self._chunks) >= _QUEUED_CHUNKS and not self._gone.is_set():
            self._writable.clear()
            await self._writable.wait()
        if chunk and not self._gone.is_set():
            self._chunks.append(chunk)


class _ResponseStream(httpx2.AsyncByteStream):
    """A response's body; closing it before its end stops the application."""

    def __init__(self, call: _Call, task: asyncio.Task[None]) -> None:
        self._call = call
        self._task = task

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._call.chunks()

    async def aclose(self) -> None:
        self._call.hang_up()
        if self._call.has_ended:
            return  # What still runs is work that the application does after its response.
        await asyncio.wait({self._task}, timeout=_GOODBYE_SECONDS)
        self._task.cancel()


def _scope(request: httpx2.Request, principal: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": _CLIENT,
        "server": (request.url.host, request.url.port),
        "extensions": {"principal": principal},
    }
