"""What stands between a client and a remote service: waits where it asks for it, and bears no answer that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
import httpx2

from app.bodies import limited, with_body
from app.redaction import STRUCK_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ATTEMPTS: Final = 3
_LONGEST_WAIT_SECONDS: Final = 20.0
_QUIET_GET_SECONDS: Final = 30.0
_BUSY: Final = frozenset({429, 503})
_REDIRECT: Final = 300
_FAILURE: Final = 400
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_FAILURE_BYTES: Final = 256 * 1024


class NotAServiceError(httpx2.RequestError):
    """A web page came where JSON was due: the address is that of something else, or a proxy's error page."""


class TooLongError(httpx2.ReadError):
    """An answer goes on and on: it would fill the memory."""


class RemoteTransport(httpx2.AsyncBaseTransport):
    """Passes requests on; a GET that is told when to come again comes again, a POST is never sent twice."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the service's response; raises `NotAServiceError` for a web page that claims success."""
        if request.method == "GET":
            _shorten(request)
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            response = await self._inner.handle_async_request(request)
            seconds = _wait_seconds(response.headers)
            is_last = attempt == _MOST_ATTEMPTS or seconds is None or response.status_code not in _BUSY
            if is_last or request.method != "GET":
                break
            await response.aclose()
            await anyio.sleep(seconds or 0)
        await _refuse_pages(request, response)
        if response.status_code >= _FAILURE:
            return await _without_keys(request, response)
        if not _is_file(request):
            response.stream = _limited(response, _MOST_BYTES)
        return response

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def _wait_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how long the service asks to wait; None where it does not say, or where that is too long."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds <= _LONGEST_WAIT_SECONDS else None


def _shorten(request: httpx2.Request) -> None:
    timeout = request.extensions.setdefault("timeout", {})
    timeout["read"] = min(timeout.get("read") or _QUIET_GET_SECONDS, _QUIET_GET_SECONDS)


async def _refuse_pages(request: httpx2.Request, response: httpx2.Response) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code < _REDIRECT and kind == "text/html" and not _is_file(request):
        await response.aclose()
        raise NotAServiceError("A web page came instead of JSON.", request=request)
    if response.headers.get("content-encoding", "identity") != "identity" and not _is_file(request):
        await response.aclose()  # Nobody asked for it, and a small answer may become an endless one.
        raise NotAServiceError("The answer is compressed, though it was asked for as it is.", request=request)


def _limited(response: httpx2.Response, most_bytes: int) -> httpx2.AsyncByteStream:
    return limited(response, most_bytes, lambda: TooLongError("The answer is too long."))


def _is_file(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/content")


async def _without_keys(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    """Return a failure as it was, without the key that some services repeat: people read what it says."""
    said = b"".join([chunk async for chunk in _limited(response, _MOST_FAILURE_BYTES)])
    await response.aclose()
    for name in ("authorization", "api-key"):
        key = request.headers.get(name, "").rpartition(" ")[2]
        said = said.replace(key.encode(), STRUCK_OUT.encode()) if key else said
    return with_body(request, response, said)
