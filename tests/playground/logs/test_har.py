"""The archive holds every field that HAR 1.2 asks for."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from tests.doubles.models import says

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

# http://www.softwareishard.com/blog/har-12-spec/: what is not marked optional there.
ENTRY = {
    "startedDateTime": str,
    "time": (int, float),
    "request": dict,
    "response": dict,
    "cache": dict,
    "timings": dict,
}
REQUEST = {
    "method": str,
    "url": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "queryString": list,
    "headersSize": int,
    "bodySize": int,
}
RESPONSE = {
    "status": int,
    "statusText": str,
    "httpVersion": str,
    "cookies": list,
    "headers": list,
    "content": dict,
    "redirectURL": str,
    "headersSize": int,
    "bodySize": int,
}
CONTENT = {"size": int, "mimeType": str}
POST_DATA = {"mimeType": str, "params": list, "text": str}
TIMINGS = {"send": (int, float), "wait": (int, float), "receive": (int, float)}
PAIR = {"name": str, "value": str}


def holds(value: dict[str, object], fields: dict[str, object]) -> bool:
    return all(isinstance(value.get(name), kind) for name, kind in fields.items())  # type: ignore[arg-type]  # classes


def archive(visitor: Visitor, **choice: str) -> dict[str, dict[str, object]]:
    response = visitor.client.get(f"{visitor.chat}/logs/download/har", params={"view": "wire", **choice})
    assert 'filename="logs.har"' in response.headers["content-disposition"]
    read: dict[str, dict[str, object]] = response.json()
    return read


def test_an_archive_is_whole(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello.")]
    visitor.start()
    visitor.run("Hello")
    log = archive(visitor)["log"]
    assert log["version"] == "1.2"
    assert holds(log["creator"], {"name": str, "version": str})  # type: ignore[arg-type]  # JSON
    entries: list[dict[str, dict[str, object]]] = log["entries"]  # type: ignore[assignment]  # JSON
    assert len(entries) > 5
    for entry in entries:
        request, response = entry["request"], entry["response"]
        assert holds(entry, ENTRY)  # type: ignore[arg-type]  # JSON
        assert holds(request, REQUEST)  # type: ignore[arg-type]  # JSON
        assert holds(response, RESPONSE)  # type: ignore[arg-type]  # JSON
        assert holds(response["content"], CONTENT)  # type: ignore[arg-type]  # JSON
        assert holds(entry["timings"], TIMINGS)  # type: ignore[arg-type]  # JSON
        if "postData" in request:
            assert holds(request["postData"], POST_DATA)  # type: ignore[arg-type]  # JSON
        pairs = [*request["headers"], *request["queryString"], *response["headers"]]  # type: ignore[misc]  # JSON
        assert pairs
        assert all(holds(pair, PAIR) for pair in pairs)  # type: ignore[arg-type]  # JSON
        assert datetime.fromisoformat(str(entry["startedDateTime"])).tzinfo is not None
        total = sum(float(str(entry["timings"][name])) for name in TIMINGS)
        assert abs(total - float(str(entry["time"]))) < 1
    assert "in-process" not in json.dumps(log)


def test_an_archive_follows_the_filter_and_may_be_empty(visitor: Visitor) -> None:
    visitor.send("messages", content="Hello", action="add")
    log = archive(visitor, kind="change", text="/messages")["log"]
    assert len(log["entries"]) == 1  # type: ignore[arg-type]  # JSON
    assert archive(visitor, text="no such words")["log"]["entries"] == []
