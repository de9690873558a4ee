"""Reading a request's JSON body: how much of it, how deep, and which characters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request

from app.api.versions import is_v1
from app.errors import InvalidRequest, PayloadTooLarge
from app.wire.v1 import from_v1

LARGEST_BODY_BYTES = 16 * 1024 * 1024
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class BodyRequest(Request):
    """A request whose body is read with limits, and in v1 translated; raises `InvalidRequest`, `PayloadTooLarge`."""

    async def body(self) -> bytes:
        """Return the body, if it is not too large."""
        if not hasattr(self, "_body"):
            gathered = bytearray()
            async for chunk in self.stream():
                gathered += chunk
                if len(gathered) > LARGEST_BODY_BYTES:
                    limit = LARGEST_BODY_BYTES // 1024 // 1024
                    raise PayloadTooLarge(f"The request body is larger than {limit} MB. Send large data as a file.")
            self._body = bytes(gathered)
        return self._body

    async def json(self) -> Any:
        """Return what the body says, in the shape of v2."""
        text = await self.body()
        try:
            read = json.loads(text)
            if b"\\u" in text:
                _require_storable(read)
        except RecursionError as exc:
            raise InvalidRequest("The request body is nested too deeply.") from exc
        except UnicodeDecodeError as exc:
            raise InvalidRequest("The request body is not UTF-8 text.") from exc
        return from_v1(read) if is_v1(self) else read


def _require_storable(read: Any) -> None:
    """Refuse what JSON can write but no text can hold: NUL and halves of surrogate pairs."""
    if any(_UNSTORABLE.search(text) for text in _texts(read)):
        raise InvalidRequest(
            "The request body holds characters that no text can hold: U+0000, or half of a surrogate pair."
        )


def _texts(read: Any) -> Iterator[str]:
    waiting = [read]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
