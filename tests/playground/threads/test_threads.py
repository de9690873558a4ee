"""Threads: listed, searched, opened, renamed, deleted, forked and begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.models import calls, says
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def get(visitor: Visitor, path: str) -> html.HtmlElement:
    return parsed(visitor.client.get(f"{visitor.chat}/{path}").text)


def titles(page: html.HtmlElement) -> list[str]:
    return [each.text_content() for each in page.find_class("thread-title")]


def made(visitor: Visitor, *texts: str) -> str:
    """Make a thread as a program would."""
    content = [{"role": "user", "content": text} for text in texts]
    thread_id: str = visitor.client.post("/v1/threads", json={"messages": content}).json()["id"]
    return thread_id


def shown_thread(visitor: Visitor) -> str:
    visitor.open()
    return visitor.attributes("//*[@id='thread-start']/button/@data-copy")[0]


def redirected(visitor: Visitor, address: str | None) -> None:
    assert address
    visitor.open(address)


def test_threads_are_listed_with_their_state_and_the_current_one_is_marked(visitor: Visitor, house: House) -> None:
    assert "No thread has a message yet" in get(visitor, "threads").text_content()
    made(visitor, "From a program")
    house.model.turns = [calls(("look_up", "{}"))]
    visitor.start()
    assistant_id = visitor.open().text.split('data-copy="asst_')[1][:24]
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    visitor.client.post(f"/v1/assistants/asst_{assistant_id}", json={"tools": [tool]})
    visitor.send("messages", content="Look it up", action="run")
    visitor.open()
    sheet = get(visitor, "threads")
    assert titles(sheet) == ["From a program", "Look it up"]
    row = sheet.find_class("thread-row")[1].text_content()
    assert "Waits for outputs" in row
    assert "Math Assist" in row
    assert sheet.xpath("//a[@aria-current='page']//bdi/text()") == ["Look it up"]


def test_the_list_goes_on_and_is_searched(visitor: Visitor) -> None:
    for number in range(32):
        made(visitor, f"Number {number}", f"secret {number}")
    page = get(visitor, "threads")
    assert (len(titles(page)), titles(page)[0]) == (30, "Number 31")
    (more,) = page.xpath("//*[@id='more-threads']/button/@hx-get")
    assert titles(parsed(f"<ul>{visitor.client.get(more).text}</ul>")) == ["Number 1", "Number 0"]
    assert titles(get(visitor, "threads/rows?query=SECRET 17")) == ["Number 17"]
    assert "No thread holds “nothing”" in get(visitor, "threads/rows?query=nothing").text_content()


def test_a_thread_is_renamed_and_found_by_its_title(visitor: Visitor) -> None:
    thread_id = made(visitor, "First words")
    form = get(visitor, f"threads/{thread_id}/row?renaming=true")
    assert form.xpath("//input/@placeholder") == ["First words"]
    assert titles(parsed(visitor.send(f"threads/{thread_id}/rename", title=" My  <b>title</b> ").text)) == [
        "My <b>title</b>"
    ]
    assert titles(get(visitor, "threads/rows?query=my")) == ["My <b>title</b>"]
    assert visitor.send("threads/thread_unknown/rename", title="Mine").status_code == 404
    visitor.send(f"threads/{thread_id}/rename", title="")
    assert titles(get(visitor, "threads")) == ["First words"]


def test_any_thread_is_opened_by_its_id_in_the_session_that_shows_it(visitor: Visitor) -> None:
    first, thread_id = visitor.chat, made(visitor, "From a program")
    refused = visitor.send("threads/open", thread_id="thread_unknown")
    assert (refused.status_code, "No thread found" in refused.text) == (422, True)
    assert "paste" in visitor.send("threads/open", thread_id=" ").text
    redirected(visitor, visitor.send("threads/open", thread_id=f" {thread_id} ").headers["HX-Redirect"])
    assert visitor.all("message-body") == ["From a program"]
    second = visitor.chat
    assert second != first
    visitor.open(f"{first}/threads/{thread_id}")
    assert visitor.chat == second


def test_deleting_a_thread_takes_its_row_and_the_current_one_gives_way_to_a_new(visitor: Visitor) -> None:
    other = made(visitor, "Other")
    assert visitor.send(f"threads/{other}/delete").text == ""
    assert visitor.client.get(f"/v1/threads/{other}").status_code == 404
    current = shown_thread(visitor)
    redirected(visitor, visitor.send(f"threads/{current}/delete").headers["HX-Redirect"])
    assert shown_thread(visitor) != current
    assert visitor.send(f"threads/{other}/delete").status_code == 404


def test_a_fork_is_a_new_thread_and_the_origin_stays(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("One."), says("Two."), says("Else.")]
    visitor.start()
    visitor.run("First")
    visitor.run("Second")
    origin, origin_chat = shown_thread(visitor), visitor.chat
    answer = str(visitor.page.find_class("message")[1].get("id"))
    redirected(visitor, visitor.send("fork").headers["HX-Redirect"])
    assert visitor.all("message-body") == ["First", "One.", "Second", "Two."]
    visitor.open(origin_chat)
    redirected(visitor, visitor.send(f"messages/{answer}/fork").headers["HX-Redirect"])
    assert visitor.all("message-body") == ["First", "One."]
    visitor.run("Third")
    assert visitor.all("message-body") == ["First", "One.", "Third", "Else."]
    assert visitor.all("message-author")[1].startswith("Math Assist")
    sheet = get(visitor, "threads")
    assert f"Of {origin}" in sheet.xpath("//@title")
    visitor.open(origin_chat)
    assert visitor.all("message-body") == ["First", "One.", "Second", "Two."]


def test_restart_sends_the_first_message_again_in_a_new_thread(visitor: Visitor, house: House) -> None:
    assert "no message to begin again with" in visitor.send("restart").text
    house.model.turns = [says("One."), says("Two."), says("Anew.")]
    visitor.start()
    visitor.run("First")
    visitor.run("Second")
    before = shown_thread(visitor)
    assert visitor.send("restart").is_success
    visitor.wait_until_idle()
    assert visitor.all("message-body") == ["First", "Anew."]
    assert shown_thread(visitor) != before
    assert titles(get(visitor, "threads")) == ["First", "First"]


def test_a_service_that_lists_no_threads_shows_those_opened_here(visitor: Visitor, house: House) -> None:
    house.has_extensions = False
    with house.restarted(visitor) as there:
        house.model.turns = [says("One.")]
        there.start()
        there.run("First")
        thread_id = shown_thread(there)
        sheet = get(there, "threads")
        assert "does not list its threads" in sheet.text_content()
        assert thread_id in titles(sheet)
        assert titles(parsed(there.send(f"threads/{thread_id}/rename", title="Mine").text)) == ["Mine"]
        assert titles(get(there, "threads/rows?query=mine")) == ["Mine"]
        upload = there.client.post("/v1/files", files={"file": ("a.txt", b"a")}, data={"purpose": "assistants"})
        attachment = {"file_id": upload.json()["id"], "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]}
        message = {"role": "user", "content": "With a file", "attachments": [attachment]}
        last = there.client.post(f"/v1/threads/{thread_id}/messages", json=message).json()["id"]
        redirected(there, there.send(f"messages/{last}/fork").headers["HX-Redirect"])
        assert there.all("message-body")[:2] == ["First", "One."]
        copied = there.client.get(f"/v1/threads/{shown_thread(there)}/messages").json()["data"][0]
        assert copied["attachments"][0]["tools"] == attachment["tools"]
