"""Services that answer 200 with JSON of wrong types: the page says in one sentence what was strange."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from app.connections.connection import Connection
from app.engine.tools.code_interpreter.port import Logs
from tests.doubles.models import calls, says
from tests.live import serve
from tests.playground.connections.conftest import KEY
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.doubles.faulty_service import FaultyService
    from tests.playground.conftest import House

Place = tuple[str | int, ...]
BEGINNING = "'Remote' (127.0.0.1:"
RUBBISH: tuple[Any, ...] = (5, "rubbish", None, [], {"data": 5, "id": []}, {"data": [5], "tools": None})
READS: list[tuple[str, str]] = [
    ("", "/assistants"),
    ("", "/messages"),
    ("", "/runs"),
    ("/threads", "/threads"),
    ("/stores", "/vector_stores"),
    ("/stores/{store}", "/{store}"),
    ("/stores/{store}/files", "/{store}/files"),
    ("/export.json", "/messages"),
    ("/export.json", "/steps"),
    ("/export.zip", "/runs"),
    ("/assistant/{assistant}/export", "/{assistant}"),
]
STRANGE: list[tuple[str, str, Place, object, str]] = [
    ("", "/messages", ("data", 0, "content"), "Hi", "`data[0].content` is text, not a list"),
    ("", "/messages", ("data", 0, "created_at"), "now", "`data[0].created_at` is text, not a number"),
    ("", "/messages", ("data", 0, "created_at"), 10**30, "`data[0].created_at` is no time"),
    ("", "/assistants", ("data", 0, "tools"), None, "`data[0].tools` is null, not a list"),
    ("", "/assistants", ("data", 0, "reasoning_effort"), [5], "`data[0].reasoning_effort` is a list, not text"),
    ("", "/assistants", ("data", 0, "name"), "\ud800", "a text in it holds half of a surrogate pair"),
    ("/threads", "/threads", ("data", 0, "title"), {}, "`data[0].title` is an object, not text"),
]


@pytest.fixture
def visitor(house: House, remote: House, faulty_address: str) -> Iterator[Visitor]:
    """Come to a page on the remote service, with a thread, an assistant and a store there."""
    house.remotes = (Connection("Remote", "compatible", f"{faulty_address}/v1", api_key=KEY),)
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        visitor.open(visitor.send("connection", name="Remote").headers["HX-Redirect"])
        remote.interpreter.cells = [[Logs("1\n")]]
        remote.model.turns = [calls(("python", '{"code": "1"}')), says("Hello.")]
        visitor.start()
        visitor.run("Hi")
        yield visitor


def test_every_read_of_rubbish_is_told_calmly(visitor: Visitor, faulty: FaultyService) -> None:
    names = ids(visitor, faulty)
    for page, call in READS:
        for answer in RUBBISH:
            faulty.twist = instead(call.format(**names), answer)
            assert_told(visitor.client.get(visitor.chat + page.format(**names), headers=as_htmx(page)).text)
    faulty.twist = None
    assert "sent an answer" not in visitor.open().text


def test_what_is_strange_is_named(visitor: Visitor, faulty: FaultyService) -> None:
    for page, call, place, value, strange in STRANGE:
        faulty.twist = within(call, place, value)
        assert strange in assert_told(visitor.client.get(visitor.chat + page, headers=as_htmx(page)).text)


def test_an_answer_that_lacks_what_the_page_reads_is_no_failure_of_this_server(
    visitor: Visitor, faulty: FaultyService
) -> None:
    faulty.twist = within("/runs", ("data", 0, "assistant_id"), None)
    answer = visitor.client.get(f"{visitor.chat}/export.zip")
    assert answer.status_code == 502
    assert "something that the page reads is missing in it" in assert_told(answer.text)


def test_what_is_begun_or_sent_is_told_as_well(visitor: Visitor, faulty: FaultyService) -> None:
    faulty.twist = lambda _path, _said: 5
    begun = visitor.client.post("/chats", data={"connection": "Remote"})
    assert "the whole is a number, not an object" in assert_told(begun.text)
    lines = unescape(visitor.send("connections/test", name="Remote").text)
    assert "the whole is a number, not an object" in lines
    assert "the whole is a number" in assert_told(visitor.send("messages", content="Hi", action="add").text)


def test_a_run_that_is_told_in_rubbish_ends_nothing_but_itself(visitor: Visitor, faulty: FaultyService) -> None:
    faulty.twist = within("/runs", ("data",), 5)
    visitor.send("messages", content="Again", action="run")
    faulty.twist = None
    visitor.wait_until_idle()
    assert visitor.open().is_success


def ids(visitor: Visitor, faulty: FaultyService) -> dict[str, str]:
    """Make a store, and return the ids of it and of the assistant."""
    seen: dict[str, str] = {}

    def note(path: str, said: Any) -> Any:
        seen[path.rpartition("/")[2]] = said["id"] if "id" in said else said["data"][0]["id"]
        return said

    faulty.twist = note
    visitor.send("stores", name="Papers")
    visitor.open()
    return {"store": seen["vector_stores"], "assistant": seen["assistants"]}


def instead(call: str, answer: object) -> Callable[[str, Any], Any]:
    return lambda path, said: answer if path.endswith(call) else said


def within(call: str, place: Place, value: object) -> Callable[[str, Any], Any]:
    def put(path: str, said: Any) -> Any:
        if path.endswith(call):
            inner = said
            for part in place[:-1]:
                inner = inner[part]
            inner[place[-1]] = value
        return said

    return put


def as_htmx(page: str) -> dict[str, str]:
    return {"HX-Request": "true"} if page else {}


def assert_told(text: str) -> str:
    told = unescape(text)
    assert BEGINNING in told, json.dumps(told[-600:])
    assert "sent an answer in a shape that the Assistants API does not have" in told
    assert "go on with another connection" in told
    assert "Something in the server broke" not in told
    return told
