"""The code inside a code interpreter call's arguments, read while the model still writes them."""

from __future__ import annotations

import json
import re
import sys

_HEAD = re.compile(r'\{\s*"(?:code|input|source|script)"\s*:\s*"')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_UNICODE_LENGTH = 4
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)


class PartialCode:
    """Reads `{"code": "…"}` as it arrives; what is no such JSON in the end is taken as bare code."""

    def __init__(self) -> None:
        self._text = ""
        self._position: int | None = None
        self._ended = False

    def feed(self, fragment: str) -> str:
        """Take a fragment; return the code that it completes."""
        self._text += fragment
        if self._position is None:
            head = _HEAD.match(self._text.lstrip())
            if head is None:
                return ""
            self._position = head.end() + len(self._text) - len(self._text.lstrip())
        return "" if self._ended else self._decode()

    def whole(self) -> str:
        """Return the code of everything that was fed."""
        try:
            read = json.loads(self._text, strict=False)
        except ValueError:
            return _unfinished(self._text)
        if isinstance(read, dict):
            return next((value for value in read.values() if isinstance(value, str)), "")
        return read if isinstance(read, str) else self._text

    def _decode(self) -> str:
        assert self._position is not None
        shown = []
        while self._position < len(self._text):
            character = self._text[self._position]
            if character == '"':
                self._ended = True
                break
            if character == "\\":
                escaped = self._escape(self._position + 1)
                if escaped is None:
                    break
                text, self._position = escaped
                shown.append(text)
            else:
                shown.append(character)
                self._position += 1
        return "".join(shown)

    def _escape(self, start: int) -> tuple[str, int] | None:
        """Return what the escape at `start` stands for and where it ends; None while it is incomplete."""
        kind = self._text[start : start + 1]
        if not kind:
            return None
        if kind != "u":
            return _ESCAPES.get(kind, kind), start + 1
        end = start + 1 + _UNICODE_LENGTH
        first = _code_unit(self._text, start + 1)
        if len(self._text) < end:
            return None
        if not _is_high_surrogate(first):
            return _character(first), end
        if len(self._text) < end + 2 + _UNICODE_LENGTH:
            return None
        second = _code_unit(self._text, end + 2)
        return _character(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), end + 2 + _UNICODE_LENGTH


def _code_unit(text: str, start: int) -> int:
    try:
        return int(text[start : start + _UNICODE_LENGTH], 16)
    except ValueError:
        return 0xFFFD


def _character(code_point: int) -> str:
    """Return the character; the replacement character for half of a pair, which no encoding can carry."""
    is_character = 0 <= code_point < _HIGH_SURROGATES.start or _LOW_SURROGATES.stop <= code_point <= sys.maxunicode
    return chr(code_point) if is_character else "\ufffd"


def _is_high_surrogate(unit: int) -> bool:
    return unit in _HIGH_SURROGATES


def _unfinished(text: str) -> str:
    reader = PartialCode()
    return reader.feed(text) if _HEAD.match(text.lstrip()) else text
