"""Runs are followed by the server: when the stream is cut, and after a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.models import says
from tests.live import serve
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from tests.playground.conftest import House


def test_a_cut_stream_is_followed_by_asking(visitor: Visitor, house: House) -> None:
    house.model.turns = [[0.3, *says("All is well.")]]
    visitor.start()
    house.flaky.chunks_until_cut = 3
    visitor.run("Hello")
    assert visitor.all("message-body") == ["Hello", "All is well."]
    assert "thread.run.completed" in " ".join(visitor.wire())


def test_a_stream_that_is_cut_before_its_run_began_leaves_the_page_usable(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Unseen.")]
    visitor.start()
    house.flaky.chunks_until_cut = 0
    assert visitor.send("messages", content="Hello", action="run").is_success
    visitor.wait_until_idle()
    assert visitor.all("message-body") == ["Hello", "Unseen."]


def test_a_restart_in_mid_run_loses_nothing(house: House) -> None:
    house.model.turns = [[1.5, *says("Too late.")], says("After the restart.")]
    with serve(house.build()) as url, Visitor(url) as first:
        first.open("/")
        first.start()
        first.send("messages", content="Hello", action="run")
        chat = first.chat
    with serve(house.build()) as url, Visitor(url) as second:
        second.chat = chat
        second.wait_until_idle()
        assert second.all("message-body")[0] == "Hello"
        assert len(second.all("callout")) + len(second.all("message-body")) >= 2
