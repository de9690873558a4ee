"""An HTTP exchange while it goes on, as both taps see it: what the page calls, and what programs call."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.journal.bodies import LIMIT_BYTES, Body, media_type
from app.journal.exchange import Detail, Exchange, subjects
from app.redaction import headers_without_secrets, path_without_secrets

Headers = Sequence[tuple[bytes, bytes]]

_REQUEST_ID_HEADERS: Final = ("x-request-id", "apim-request-id", "x-ms-request-id")
_UNAUTHORIZED: Final = 401
_LONGEST_PATH: Final = 4_000


class Recording:
    """Collects the pieces; `exchange` says what is known so far."""

    def __init__(self, method: str, path: str, headers: Headers, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._started = time.perf_counter()
        self._limit_bytes = limit_bytes
        self._headers = headers
        self._path = path
        self._is_download = path.partition("?")[0].endswith("/content")
        self.request = Body(_content_type(headers), limit_bytes=limit_bytes)
        self.response = Body("")
        self._response_headers: Headers = ()
        self.is_finished = False
        self.id = uuid.uuid4().hex
        self._exchange = Exchange(
            id=self.id,
            method=method,
            path=path_without_secrets(path)[:_LONGEST_PATH],
            began_at=time.time(),
            detail=Detail([]),
        )

    def begin(self, status: int, headers: Headers) -> None:
        """Take the response's first line and its headers."""
        self._exchange = replace(self._exchange, status=status)
        self._response_headers = headers
        encoding = next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-encoding"), "")
        self.response = Body(_content_type(headers), encoding, self._limit_bytes, is_withheld=self._is_download)

    def add(self, chunk: bytes) -> None:
        """Take the next piece of the response's body."""
        self.response.add(chunk, self._elapsed_ms())

    def begun(self) -> Exchange:
        """Return the exchange of a stream that has only begun."""
        return replace(self._now(None, has_body=False), so_far=self.so_far)

    def so_far(self) -> Exchange:
        """Return the exchange of a stream that goes on, with what came of it."""
        return self._now(None)

    def finish(self, error: str | None = None) -> Exchange:
        """Return the whole exchange; `error` says why there is no complete response."""
        self.is_finished = True
        return replace(self._now(error), is_finished=True)

    def subjects(self) -> tuple[str | None, str | None]:
        """Return the ids of the thread and the run that it is about, as far as they are known."""
        return subjects(self._exchange.method, self._path, self.response.start)

    def _now(self, error: str | None, *, has_body: bool = True) -> Exchange:
        thread_id, run_id = self.subjects()
        headers = headers_without_secrets(self._response_headers)
        return replace(
            self._exchange,
            duration_ms=round(self._elapsed_ms(), 1),
            request_id=next((value for name, value in headers if name in _REQUEST_ID_HEADERS), None),
            error=error,
            thread_id=thread_id,
            run_id=run_id,
            detail=self._detail(headers, has_body=has_body),
        )

    def _detail(self, response_headers: list[list[str]], *, has_body: bool) -> Detail:
        request_headers = headers_without_secrets(self._headers)
        if self._exchange.status == _UNAUTHORIZED:  # Nobody vouches for what strangers send.
            return Detail(request_headers, response_headers=response_headers)
        return Detail(
            request_headers,
            self.request.value(),
            response_headers,
            self.response.value() if has_body else None,
            (self.response.marks or None) if has_body else None,
        )

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000


def _content_type(headers: Headers) -> str:
    found = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    return media_type(found.decode("latin-1"))
