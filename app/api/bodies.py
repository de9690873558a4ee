"""Reading a request's JSON body: how much of it, how deep, and which characters and numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from starlette.requests import Request

from app.api.versions import is_v1
from app.errors import InvalidRequest, PayloadTooLarge
from app.wire.v1 import from_v1

LARGEST_BODY_BYTES = 16 * 1024 * 1024
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_DEEPEST = 100
"""Levels of objects and lists; what writes JSON gives up at 255 of them."""


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
        body = await self.body()
        try:
            read = _DECODER.decode(body.decode("utf-8-sig"))
        except RecursionError as exc:
            raise InvalidRequest(_TOO_DEEP) from exc
        except UnicodeDecodeError as exc:
            raise InvalidRequest("The request body is not UTF-8 text.") from exc
        if b"\\u" in body:
            _require_storable(read)
        if body.count(b"{") + body.count(b"[") > _DEEPEST:
            _require_flat(read)
        return from_v1(read) if is_v1(self) else read


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidRequest(f"The request body holds {name}, which is no number in JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidRequest("The request body holds a number that is too large.")
    return number


_TOO_DEEP = "The request body is nested too deeply."
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)


def _require_flat(read: Any) -> None:
    level = [read]
    for _ in range(_DEEPEST + 1):
        level = [each for value in level if isinstance(value, dict | list) for each in _inside(value)]
        if not level:
            return
    raise InvalidRequest(_TOO_DEEP)


def _inside(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


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
