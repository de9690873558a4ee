"""Strikes keys, tokens and passwords out of what the logs keep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

STRUCK_OUT: Final = "[redacted]"
_NAME = r"(?:api[-_]?key|authorization|password|secret|credentials?|(?:access|refresh|id|bearer|ad)[-_]?token)"
_SECRET_NAME = re.compile(rf"(^|[-_]){_NAME}$", re.IGNORECASE)
_SECRET_HEADER = re.compile(r"key|token|secret|auth|cookie|password|credential|signature", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r"\b(?:sk|pg)-[\w-]{16,}|\bBearer\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*", re.IGNORECASE
)
# In JSON that stands inside a string of JSON, or that was cut: there the quotation marks may carry backslashes.
_NAMED_VALUE = re.compile(rf'(\\*"(?:[\w-]*[-_])?{_NAME}\\*"\s*:\s*)(\\*")(?:(?!\2).)*', re.IGNORECASE)
_QUERY_VALUE = re.compile(r"(?<=[?&])([^=&]*)=([^&]*)")
_HINTS: Final = (
    "key",
    'authorization"',
    "password",
    "secret",
    "credential",
    'token"',
    "token\\",
    "sk-",
    "pg-",
    "bearer",
    "eyj",
    "\\u",
)
"""Without one of these in it, in small letters, a text has no secret that is looked for."""


def without_secrets(text: str) -> str:
    """Return JSON, events or other text as it was, except for its secrets."""
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return text
    if text.lstrip()[:1] in {"{", "["}:
        return _in_json(text)
    return "\n".join(_in_line(line) for line in text.split("\n"))


def path_without_secrets(path: str) -> str:
    """Strike out the values of secret names in a path's query."""
    path = _SECRET_VALUE.sub(STRUCK_OUT, path)
    return _QUERY_VALUE.sub(lambda match: f"{match[1]}={STRUCK_OUT}" if _is_secret(match[1]) else match[0], path)


def headers_without_secrets(headers: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
    """Return an HTTP message's headers as text; of those that carry secrets only the names are kept."""
    return [[_header_name(name), _header_value(name, value)] for name, value in headers]


@lru_cache(maxsize=512)
def _header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


@lru_cache(maxsize=512)
def _is_secret_header(name: bytes) -> bool:
    return _SECRET_HEADER.search(_header_name(name)) is not None


def _header_value(name: bytes, value: bytes) -> str:
    return STRUCK_OUT if _is_secret_header(name) else _SECRET_VALUE.sub(STRUCK_OUT, value.decode("latin-1"))[:1_000]


@lru_cache(maxsize=2048)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _in_line(line: str) -> str:
    name, colon, value = line.partition(":")
    if name == "data" and value.lstrip()[:1] in {"{", "["}:
        return f"{name}{colon} {_in_json(value.strip())}"
    return _in_text(line)


def _in_json(text: str) -> str:
    try:
        read = json.loads(text)
        written = _walk(read)
    except (ValueError, RecursionError):
        return _in_text(text)
    return text if written == read else json.dumps(written, ensure_ascii=False).encode(errors="replace").decode()


def _walk(value: object) -> object:
    match value:
        case dict():
            return {
                name: STRUCK_OUT if content and _is_secret(name) else _walk(content) for name, content in value.items()
            }
        case list():
            return [_walk(item) for item in value]
        case str():
            return _in_text(value)
        case _:
            return value


def _in_text(text: str) -> str:
    return _SECRET_VALUE.sub(STRUCK_OUT, _NAMED_VALUE.sub(rf"\1\2{STRUCK_OUT}", text))
