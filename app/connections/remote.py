"""What stands between a client and a remote service: waits where the service asks for it, and refuses web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio
import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ATTEMPTS: Final = 3
_LONGEST_WAIT_SECONDS: Final = 20.0
_QUIET_GET_SECONDS: Final = 30.0
_BUSY: Final = frozenset({429, 503})
_REDIRECT: Final = 300


class NotAServiceError(httpx2.RequestError):
    """A web page came where JSON was due: the address is that of something else, or a proxy's error page."""


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
    is_file = request.url.path.endswith("/content")
    if response.status_code < _REDIRECT and kind == "text/html" and not is_file:
        await response.aclose()
        raise NotAServiceError("A web page came instead of JSON.", request=request)
