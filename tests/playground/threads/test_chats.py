"""The page of a chat session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def test_a_first_visit_begins_a_chat_with_a_thread_and_two_starters(visitor: Visitor) -> None:
    assert "thread_" in visitor.text("thread-start")
    assert [starter.split(".")[0] for starter in visitor.all("starter")] == [
        "Math AssistSolves an equation by writing and running code",
        "Data VisualizationDraws a chart and shows the code behind it",
    ]
    assert visitor.text("tokens") == "0 tokens"


def test_a_browser_comes_back_to_its_chat(visitor: Visitor) -> None:
    first = visitor.chat
    visitor.open("/")
    assert visitor.chat == first


def test_a_new_chat_is_another_one_and_the_old_one_stays(visitor: Visitor) -> None:
    first = visitor.chat
    response = visitor.client.post("/chats")
    assert response.url.path != first
    assert visitor.client.get(first).is_success


def test_an_unknown_chat_is_a_page_that_says_so(visitor: Visitor) -> None:
    response = visitor.open("/chats/chat_unknown")
    assert response.status_code == 404
    assert "There is no chat session 'chat_unknown'." in visitor.page.text_content()
    visitor.client.cookies.set("chat", "chat_unknown")
    assert visitor.open("/").is_success


def test_a_thread_that_is_gone_is_explained(visitor: Visitor, house: House) -> None:
    house.flaky.refusals["/messages"] = 404
    visitor.open()
    assert "This thread cannot be read" in visitor.text("conversation")
    assert "Clear the chat to begin a new thread." in visitor.text("conversation")


def test_the_page_opens_when_the_service_fails(visitor: Visitor, house: House) -> None:
    house.flaky.refusals["/assistants"] = 500
    assert visitor.open().is_success
    assert visitor.text("setup-error") == "Refused with 500 on demand."


def test_the_page_shows_what_other_programs_said_on_the_thread(visitor: Visitor) -> None:
    visitor.start()
    visitor.send("messages", content="One\nTwo", action="add")
    visitor.open()
    assert [text for text in visitor.all("message-body") if text] == ["One Two"]


def test_every_call_of_the_session_is_in_the_logs(visitor: Visitor) -> None:
    visitor.open()
    rows = visitor.wire()
    assert "POST/threads" in rows[0]
    assert "200" in rows[0]
    assert any("GET/models" in row for row in rows)


def test_static_files_are_kept_for_ever_under_their_hash(visitor: Visitor) -> None:
    sheet = visitor.attributes("//link[@rel='stylesheet']/@href")[0]
    assert "immutable" in visitor.client.get(sheet).headers["cache-control"]
    assert visitor.client.get("/static/js/bus.js").headers["cache-control"] == "no-cache"
    assert visitor.client.get("/static/nothing.js").status_code == 404
    assert visitor.client.get("/static/../app/main.py").status_code == 404
