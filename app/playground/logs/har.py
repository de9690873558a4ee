"""Recorded calls in the HTTP Archive format, version 1.2 (http://www.softwareishard.com/blog/har-12-spec/)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl

from app.playground.views.log_detail import exchange_parts, header
from app.playground.views.log_texts import items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.journal.entry import Entry

_UNKNOWN: Final = -1
_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
_CREATOR: Final = {"name": "Assistants Playground", "version": "1"}


async def archive(entries: AsyncIterator[Entry], base_url: str) -> AsyncIterator[str]:
    """Yield an archive of the calls among the entries, piece by piece."""
    head = json.dumps({"version": "1.2", "creator": _CREATOR})
    yield '{"log": ' + head.removesuffix("}") + ', "entries": ['
    separator = ""
    async for entry in entries:
        if entry.kind == "exchange":
            yield separator + json.dumps(_entry(entry, base_url), ensure_ascii=False)
            separator = ",\n"
    yield "]}}\n"


def _entry(entry: Entry, base_url: str) -> dict[str, object]:
    parts = exchange_parts(entry)
    took = cast("float", entry.data.get("duration_ms") or 0.0)
    marks = items(parts.get("marks"))
    wait = min(cast("Sequence[float]", marks[0])[0], took) if marks else took
    error = entry.data.get("error")
    return {
        "startedDateTime": datetime.fromtimestamp(entry.created_at, UTC).isoformat(timespec="milliseconds"),
        "time": took,
        "request": _request(entry, parts.get("request_headers"), parts.get("request_body"), base_url),
        "response": _response(entry, parts.get("response_headers"), parts.get("response_body")),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": round(took - wait, 1)},
        **({"comment": str(error)} if error else {}),
    }


def _request(entry: Entry, headers: object, body: object, base_url: str) -> dict[str, object]:
    path = str(entry.data.get("path", ""))
    pairs = parse_qsl(path.partition("?")[2], keep_blank_values=True)
    request: dict[str, object] = {
        "method": str(entry.data.get("method", "")),
        "url": base_url.rstrip("/") + path,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": [{"name": name, "value": value} for name, value in pairs],
        "headersSize": _UNKNOWN,
        "bodySize": len(body.encode()) if isinstance(body, str) else 0,
    }
    if isinstance(body, str):
        request["postData"] = {"mimeType": header(headers, "content-type"), "text": body, "params": []}
    return request


def _response(entry: Entry, headers: object, body: object) -> dict[str, object]:
    status = cast("int | None", entry.data.get("status")) or 0
    text = body if isinstance(body, str) else ""
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {
            "size": len(text.encode()),
            "mimeType": header(headers, "content-type") or "x-unknown",
            "text": text,
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": len(text.encode()),
    }


def _pairs(headers: object) -> list[dict[str, str]]:
    pairs = cast("Sequence[Sequence[str]]", items(headers))
    return [{"name": name, "value": value} for name, value in pairs]
