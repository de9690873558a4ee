"""A single message: edited, deleted, asked about; the run is repeated; older messages come page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpx2

from tests.doubles.models import calls, says
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def messages(visitor: Visitor) -> list[str]:
    visitor.open()
    return visitor.all("message-body")


def ids(visitor: Visitor, css_class: str = "message") -> list[str]:
    visitor.open()
    return [str(each.get("id")) for each in visitor.page.find_class(css_class)]


def get(visitor: Visitor, path: str) -> html.HtmlElement:
    return parsed(visitor.client.get(f"{visitor.chat}/{path}").text)


def talk(visitor: Visitor, house: House, *answers: str) -> None:
    house.model.turns = [says(answer) for answer in answers]
    visitor.start()
    visitor.run("Hello")


def test_a_users_message_is_edited_in_its_place(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "Hi.")
    question, answer = ids(visitor)
    form = get(visitor, f"messages/{question}/edit")
    assert (form.xpath("//textarea")[0].text or "").strip() == "Hello"
    assert "Goodbye" in visitor.send(f"messages/{question}", content="Goodbye").text
    assert messages(visitor) == ["Goodbye", "Hi."]
    empty = visitor.send(f"messages/{question}", content=" ")
    assert (empty.status_code, "be empty. Delete it" in empty.text) == (422, True)
    assert "only the content of users" in visitor.send(f"messages/{answer}", content="Else").text
    assert "Goodbye" in visitor.client.get(f"{visitor.chat}/messages/{question}").text


def test_a_message_can_be_run_from_again(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "Hi.", "Bye.")
    question = ids(visitor)[0]
    assert visitor.send(f"messages/{question}", content="Goodbye", action="run").is_success
    visitor.wait_until_idle()
    assert messages(visitor) == ["Goodbye", "Bye."]
    visitor.send("assistant/new")
    refused = visitor.send(f"messages/{question}", content="Once more", action="run")
    assert (refused.status_code, "Choose an assistant" in refused.text) == (422, True)


def test_an_edit_keeps_the_images_of_the_message(visitor: Visitor, house: House) -> None:
    upload = visitor.client.post("/v1/files", files={"file": ("a.png", b"\x89PNG")}, data={"purpose": "vision"})
    visitor.start()
    thread_id = visitor.open().text.split('data-copy="thread_')[1][:24]
    content = [
        {"type": "text", "text": "Look"},
        {"type": "image_file", "image_file": {"file_id": upload.json()["id"]}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    made = visitor.client.post(f"/v1/threads/thread_{thread_id}/messages", json={"role": "user", "content": content})
    assert visitor.send(f"messages/{made.json()['id']}", content="See").is_success
    edited = visitor.client.get(f"/v1/threads/thread_{thread_id}/messages").json()["data"][0]["content"]
    assert [part["type"] for part in edited] == ["text", "image_file", "image_url"]
    assert edited[0]["text"]["value"] == "See"


def test_a_service_without_the_extension_says_that_messages_are_not_edited(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "Hi.")
    question = ids(visitor)[0]
    house.has_extensions = False
    with house.restarted(visitor) as there:
        there.open()
        assert there.page.xpath(f"//*[@id='{question}']//button[@aria-label='Edit']/@disabled")
        refused = there.send(f"messages/{question}", content="Else")
        assert "does not let anybody change" in refused.text


def test_a_deleted_message_takes_the_steps_of_its_run_along(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("python", '{"code": "1"}')), says("One.")]
    house.interpreter.cells = [[]]
    visitor.start()
    visitor.run("Count")
    answer = ids(visitor)[1]
    assert visitor.send(f"messages/{answer}/delete").is_success
    assert messages(visitor) == ["Count"]
    assert visitor.all("step") == []


def test_details_name_the_ids_and_tokens(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "Hi.")
    question, answer = ids(visitor)
    assert "15 (10 in, 5 out)" in get(visitor, f"messages/{answer}/details").text_content()
    details = get(visitor, f"messages/{question}/details")
    assert details.xpath("//button/@data-copy")[0] == question
    assert "5 characters" in details.text_content()


def test_a_run_is_repeated_and_its_answer_replaced(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "One.", "Two.", "Three.")
    assert visitor.send("retry").status_code == 204
    visitor.wait_until_idle()
    assert messages(visitor) == ["Hello", "One.", "Two."]
    runs = cast("list[str]", visitor.page.xpath("//article/@data-run"))
    assert "Only the newest answer" in visitor.send(f"retry?replace={runs[0]}").text
    assert visitor.send(f"retry?replace={runs[1]}").status_code == 204
    visitor.wait_until_idle()
    assert messages(visitor) == ["Hello", "One.", "Three."]


def test_a_retry_needs_an_assistant(visitor: Visitor) -> None:
    assert "Choose an assistant" in visitor.send("retry").text


def long_thread(visitor: Visitor, count: int) -> str:
    """Make a thread as a program would, and open it."""
    made = [{"role": "user", "content": f"Number {number}"} for number in range(count)]
    thread_id: str = visitor.client.post("/v1/threads", json={"messages": made}).json()["id"]
    visitor.open(f"{visitor.chat}/threads/{thread_id}")
    return thread_id


def older_address(page: html.HtmlElement) -> str:
    (address,) = page.xpath("//*[@id='show-older']/button/@hx-get")
    return str(address)


def test_a_long_thread_shows_its_newest_messages_and_older_ones_on_request(visitor: Visitor) -> None:
    long_thread(visitor, 130)
    assert (visitor.all("message-body")[0], len(visitor.all("message-body"))) == ("Number 80", 50)
    seen = visitor.all("message-body")
    page = visitor.page
    for first in ("Number 30", "Number 0"):
        page = parsed(visitor.client.get(older_address(page)).text)
        texts = [each.text_content().strip() for each in page.find_class("message-body")]
        assert texts[0] == first
        seen = texts + seen
    assert seen == [f"Number {number}" for number in range(130)]
    assert page.xpath("//*[@id='show-older']") == []


def test_runs_stand_with_their_messages_on_older_pages(visitor: Visitor, house: House) -> None:
    visitor.start()
    turns = [[calls(("python", f'{{"code": "{number}"}}')), says(f"Answer {number}")] for number in range(28)]
    house.model.turns = [turn for pair in turns for turn in pair]
    house.interpreter.cells = [[] for _ in range(28)]
    for number in range(28):
        visitor.run(f"Question {number}")
    assert (len(visitor.all("message-body")), len(visitor.all("step"))) == (56, 28)
    with house.restarted(visitor) as there:
        there.open()
        assert there.all("message-body")[0] == "Question 3"
        assert len(there.all("step")) == 25
        older = parsed(there.client.get(older_address(there.page)).text)
        order = [each.get("class") for each in older.xpath("//article | //details[contains(@class, 'step')]")]
        assert order == ["message user", "step", "message assistant"] * 3


def test_older_messages_of_a_thread_that_is_gone_are_an_error(visitor: Visitor) -> None:
    thread_id = long_thread(visitor, 60)
    address = older_address(visitor.page)
    visitor.client.delete(f"/v1/threads/{thread_id}")
    response: httpx2.Response = visitor.client.get(address, headers={"HX-Request": "true"})
    assert response.status_code == 404


def test_steps_that_cannot_be_read_are_said_instead_of_the_thread(visitor: Visitor, house: House) -> None:
    talk(visitor, house, "Hi.")
    with house.restarted(visitor) as there:
        house.flaky.refusals["/steps"] = 500
        there.open()
        assert "This thread cannot be read" in there.text("conversation")
