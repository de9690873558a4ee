"""Bodies of HTTP responses from elsewhere: ended where they get too long, or put in the place of what came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

import httpx2

_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})


def limited(response: httpx2.Response, most_bytes: int, too_long: Callable[[], Exception]) -> httpx2.AsyncByteStream:
    """Return the response's body, which ends with that error when it gets too long."""
    stream: httpx2.AsyncByteStream = response.stream  # type: ignore[assignment]  # it is async
    return _LimitedStream(stream, most_bytes, too_long)


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, most_bytes: int, too_long: Callable[[], Exception]) -> None:
        self._inner = inner
        self._most_bytes = most_bytes
        self._too_long = too_long

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most_bytes
        async for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                raise self._too_long()
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def with_body(request: httpx2.Request, response: httpx2.Response, body: bytes) -> httpx2.Response:
    """Return the response with that body, whose length its headers told otherwise."""
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _FRAMING]
    return httpx2.Response(response.status_code, headers=headers, content=body, request=request)
