"""The page on another service: a second server of ours over HTTP, with key and Bearer, and the form of connections."""

from __future__ import annotations

import time
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.connections.connection import Connection
from app.connections.sentences import SHUT_DOWN
from app.engine.tools.code_interpreter.port import Logs
from tests.doubles.faulty_service import FaultyService
from tests.doubles.models import calls, says
from tests.live import serve
from tests.playground.connections.conftest import KEY
from tests.playground.visitor import Visitor, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.playground.conftest import House


@pytest.fixture
def visitor(house: House, address: str) -> Iterator[Visitor]:
    house.remotes = (
        Connection("Resource", "azure", address, api_key=KEY),
        Connection("Gateway", "compatible", f"{address}/v1", api_key=KEY),
        Connection("Locked", "azure", address, api_key="wrong"),
        Connection("Nowhere", "compatible", "http://127.0.0.1:9/v1"),
    )
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        yield visitor


@pytest.mark.parametrize("name", ["Resource", "Gateway"])
def test_the_whole_playground_works_on_another_service(
    visitor: Visitor, house: House, remote: House, name: str
) -> None:
    first = visitor.chat
    switch(visitor, name)
    assert visitor.chat != first
    assert name in visitor.text("resource")
    assert visitor.attributes("//button[@data-fill='deployment']/@value") == ["scripted"]
    remote.model.turns = [calls(("python", '{"code": "print(6 * 7)"}')), says("It is 42.")]
    remote.interpreter.cells = [[Logs("42\n")]]
    visitor.start()
    visitor.run("Six times seven?")
    assert visitor.all("message-body") == ["Six times seven?", "It is 42."]
    assert visitor.all("output") == ["Output42"]
    assert house.model.requests == []
    assert any("/runs" in row for row in visitor.wire())
    assert KEY not in visitor.open().text
    assert KEY not in visitor.client.get(f"{visitor.chat}/logs/download/jsonl").text


def test_a_connection_that_fails_says_why_and_the_chat_stays(visitor: Visitor) -> None:
    for name, sentence in (("Locked", "refuses the key of 'Locked'"), ("Nowhere", "Nothing listens at 127.0.0.1:9")):
        answer = visitor.send("connection", name=name)
        assert "HX-Redirect" not in answer.headers
        assert answer.headers["HX-Retarget"] == "#sheet-content"
        assert sentence in unescape(answer.text)
    visitor.open()
    assert "Built-in engine" in visitor.text("resource")


def test_a_test_says_line_by_line_what_works(visitor: Visitor, remote: House) -> None:
    remote.model.turns = [says("OK")]
    lines = check(visitor, "Resource")
    assert [title for title, _ in lines] == [
        "Reachable: works",
        "Authorised: works",
        "Deployments: works",
        "Assistants: works",
        "Streaming: works",
        "Extras: works",
    ]
    assert dict(check(visitor, "Locked"))["Authorised: fails"].startswith("127.0.0.1")
    assert "Nothing listens" in dict(check(visitor, "Nowhere"))["Reachable: fails"]


def test_an_owner_makes_a_connection_whose_key_is_never_shown(
    visitor: Visitor, house: House, address: str, remote: House
) -> None:
    fields = {"name": "Mine", "kind": "azure", "base_url": address, "api_key": KEY}
    refused = visitor.send("connections", **fields | {"base_url": "ftp://x"})
    assert "must be a URL" in refused.text
    assert KEY not in refused.text
    made = visitor.send("connections", **fields)
    assert "&#39;Mine&#39; is added" in made.text
    assert KEY not in made.text
    remote.model.turns = [says("OK")]
    assert "Streaming: works" in dict(check(visitor, "Mine"))
    stored = (house.blobs.parent / "playground.db").read_bytes() + b"".join(
        path.read_bytes() for path in house.blobs.parent.glob("playground.db-*")
    )
    assert KEY.encode() not in stored
    assert (house.blobs.parent / "connections.key").stat().st_mode & 0o777 == 0o600
    with house.restarted(visitor) as again:
        again.open()
        switch(again, "Mine")
        assert "Mine" in again.text("resource")
        assert "HX-Redirect" in again.send("connections/remove", name="Mine").headers
        again.open("/")
        assert "Mine" not in again.client.get(f"{again.chat}/connections").text


def test_what_settings_name_is_not_removed(visitor: Visitor) -> None:
    answer = visitor.send("connections/remove", name="Resource")
    assert answer.status_code == 400
    assert "settings" in answer.text


def test_a_service_that_was_switched_off_says_so_and_offers_its_models(house: House, address: str) -> None:
    faulty = FaultyService(address)
    faulty.status = 404
    with serve(faulty) as url:
        house.remotes = (Connection("OpenAI", "openai", f"{url}/v1", api_key=KEY),)
        with serve(house.build()) as own, Visitor(own) as visitor:
            visitor.open("/")
            answer = visitor.send("connection", name="OpenAI")
            assert SHUT_DOWN in answer.text
            assert "Use these models on the built-in engine" in answer.text
            lines = dict(check(visitor, "OpenAI"))
            assert lines["Assistants: fails"] == SHUT_DOWN
            assert "HX-Redirect" in visitor.send("connections/models", name="OpenAI").headers
    assert house.served == ["OpenAI"]


def test_everything_is_moved_once_and_nothing_is_deleted(visitor: Visitor, remote: House) -> None:
    switch(visitor, "Resource")
    remote.model.turns = [says("It is **1**.")]
    visitor.start()
    visitor.run("Solve it.")
    for outcome in ("1 moved", "0 moved, 1 moved earlier"):
        report = move(visitor, "Resource")
        assert f"Assistants{outcome}" in report
        assert f"Threads{outcome}" in report
    assert "Runs and their steps stay at the origin" in report
    visitor.open()
    assert visitor.all("message-body") == ["Solve it.", "It is 1."]
    switch(visitor, "Built-in engine")
    threads = visitor.client.get(f"{visitor.chat}/threads").text
    assert "Solve it." in threads


def switch(visitor: Visitor, name: str) -> None:
    answer = visitor.send("connection", name=name)
    visitor.open(answer.headers["HX-Redirect"])


def check(visitor: Visitor, name: str) -> list[tuple[str, str]]:
    page = parsed(visitor.send("connections/test", name=name).text)
    return [
        (line.findtext("b") + line.xpath("string(b/span)"), line.xpath("string(span)"))
        for line in page.find_class("check-line")
    ]


def move(visitor: Visitor, name: str) -> str:
    answer = visitor.send("move", name=name, assistants="true", listed_threads="true")
    assert answer.is_success, answer.text
    end = time.monotonic() + 20
    while time.monotonic() < end:
        page = parsed(visitor.client.get(f"{visitor.chat}/move/progress", params={"name": name}).text)
        if page.get("aria-busy") is None:
            return str(page.text_content())
        time.sleep(0.05)
    raise TimeoutError("The move does not end.")
