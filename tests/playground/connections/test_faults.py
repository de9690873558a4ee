"""What the page does when the service or the network between fails: over real HTTP, through a proxy that fails."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.connections.connection import Connection
from tests.doubles.models import says
from tests.live import serve
from tests.playground.connections.conftest import KEY
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.faulty_service import FaultyService
    from tests.playground.conftest import House


@pytest.fixture
def visitor(house: House, faulty_address: str) -> Iterator[Visitor]:
    """Come to a page that works on the remote service, by way of the proxy."""
    house.remotes = (Connection("Remote", "compatible", f"{faulty_address}/v1", api_key=KEY),)
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        visitor.open(visitor.send("connection", name="Remote").headers["HX-Redirect"])
        visitor.start()
        yield visitor


def test_a_get_that_is_told_to_wait_waits_and_a_post_is_sent_once(visitor: Visitor, faulty: FaultyService) -> None:
    faulty.busy_left = 2
    visitor.open()
    assert visitor.text("resource").startswith("Remote")
    assert faulty.busy_left == 0
    faulty.seen.clear()
    faulty.busy_left = 1
    answer = visitor.send("messages", content="Hi", action="add")
    assert answer.status_code == 422
    assert "asks to wait" in answer.text
    assert len([call for call in faulty.seen if call.startswith("POST")]) == 1


def test_a_run_whose_stream_is_cut_is_followed_to_its_end(
    visitor: Visitor, faulty: FaultyService, remote: House
) -> None:
    remote.model.turns = [says("One two three four.")]
    faulty.chunks_until_cut = 3
    visitor.run("Count.")
    assert visitor.all("message-body") == ["Count.", "One two three four."]


def test_a_key_that_expires_in_mid_session_says_so_and_works_again_later(
    visitor: Visitor, faulty: FaultyService, remote: House
) -> None:
    faulty.refused_tokens.add(KEY)
    answer = visitor.send("messages", content="Hi", action="run")
    assert answer.status_code == 422
    assert "refuses the key of 'Remote'. An owner can enter another one" in unescape(answer.text)
    assert "refuses the key" in unescape(visitor.client.get(visitor.chat).text)
    faulty.refused_tokens.clear()
    remote.model.turns = [says("Here again.")]
    visitor.run("Hi")
    assert visitor.all("message-body")[-1] == "Here again."


@pytest.mark.parametrize(
    ("status", "sentence"), [(200, "answers with a web page"), (502, "status 502 and a web page. Try again")]
)
def test_a_web_page_instead_of_json_is_named(
    visitor: Visitor, house: House, faulty: FaultyService, status: int, sentence: str
) -> None:
    faulty.page = status
    answer = visitor.send("messages", content="Hi", action="run")
    assert answer.status_code == 422
    assert sentence in answer.text
    with house.restarted(visitor) as again:
        assert again.open().is_success
        assert "Begin a chat on the built-in engine" in again.client.post("/chats").text
        escaped = again.client.post("/chats", data={"connection": "Built-in engine"})
        assert 'aria-label="Connected resource: Built-in engine"' in escaped.text


def test_silence_of_ten_seconds_ends_a_test_and_not_a_message(
    visitor: Visitor, faulty: FaultyService, remote: House
) -> None:
    faulty.silence_seconds = 10.5
    answer = visitor.send("connections/test", name="Remote")
    assert "silent for too long" in answer.text
    assert answer.text.count("Not tried") == 4
    remote.model.turns = [says("Slow, but here.")]
    visitor.client.timeout = 60
    assert visitor.send("messages", content="Hi", action="add").is_success
    faulty.silence_seconds = 0
    visitor.run("Are you there?")
    assert visitor.all("message-body")[-1] == "Slow, but here."
