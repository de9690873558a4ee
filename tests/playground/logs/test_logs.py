"""The logs pane: two views, filters, what is new and older, clearing, copies and downloads."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import httpx2

from app.clock import SystemClock
from app.database import Database
from app.engine.models.port import Finished, TextDelta, Usage
from app.engine.tools.code_interpreter.port import Logs
from app.journal.journal import Journal
from app.journal.writing import exchange_entry
from tests.doubles.models import calls, says
from tests.journal.calls import call

if TYPE_CHECKING:
    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

SECRET = "sk-very-secret-key-0123456789"
PATIENCE_SECONDS = 10


def rows(part: html.HtmlElement) -> list[str]:
    return [" ".join(row.text_content().split()) for row in part.find_class("log-row")]


def blocks(part: html.HtmlElement) -> list[str]:
    return [" ".join(block.text_content().split()) for block in part.find_class("activity")]


def cursor(part: html.HtmlElement) -> str:
    return str(part.get_element_by_id("log-cursor").get("value"))


def number_of(visitor: Visitor, words: str) -> str:
    found = visitor.logs(view="wire").find_class("log-row")
    row = next(row for row in found if words in "".join(row.text_content().split()))
    return str(row.get("id")).removeprefix("log-")


def fill(house: House, visitor: Visitor, count: int) -> None:
    """Write many calls of the session, as another process would."""

    async def write() -> None:
        database = Database(str(house.database.engine.url))
        entries = [exchange_entry(call(str(number)), visitor.chat.rpartition("/")[2]) for number in range(count)]
        await Journal(database, SystemClock()).write(entries)
        await database.aclose()

    asyncio.run(write())


def until_there(visitor: Visitor, words: str, part: str = "", **choice: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while words not in visitor.logs(part, **choice).text_content():
        assert time.monotonic() < end, words
        time.sleep(0.05)


def test_a_run_is_one_block_of_activity(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("python", '{"code": "print(6 * 7)"}')), says("It is 42.")]
    house.interpreter.cells = [[Logs("42\n")]]
    visitor.start()
    visitor.run("Six times seven?")
    (block,) = blocks(visitor.logs())
    for words in (
        "Math Assist",
        "Completed",
        "Code interpreter",
        "print(6 * 7)",
        "Message",
        "It is 42.",
        "Show in chat",
    ):
        assert words in block
    assert visitor.page.find_class("activity"), "The page itself shows it too."
    assert visitor.attributes("//*[@class='activity']//*[local-name()='rect']/@width")


def test_the_events_of_a_stream_are_there_before_its_end(visitor: Visitor, house: House) -> None:
    house.model.turns = [[TextDelta("Hello "), 3.0, TextDelta("goodbye"), Finished("stop", Usage(10, 5))]]
    visitor.start()
    visitor.send("messages", content="Hi", action="run")
    number = number_of(visitor, "streaming")
    until_there(visitor, "Hello", part := f"/entries/{number}")
    shown = visitor.logs(part)
    (count,) = (int(element.text_content()) for element in shown.xpath("//*[starts-with(@id, 'log-count-')]"))
    assert len(shown.xpath("//ol/li")) == count
    assert "goodbye" not in shown.text_content()
    follow = visitor.logs(f"{part}/events", after=str(count - 1))
    assert f"?after={count}" in str(follow.get_element_by_id(f"log-follow-{number}").get("hx-get"))
    assert len(follow.xpath("//li")) == 1, "Only what is new is sent."
    visitor.wait_until_idle()
    ended = visitor.logs(f"{part}/events", after=str(count))
    assert "thread.run.completed" in ended.text_content()
    assert not ended.xpath("//*[starts-with(@id, 'log-follow-')]")


def test_a_failed_run_says_why(visitor: Visitor, house: House) -> None:
    house.model.turns = [[RuntimeError("no")], says("Good.")]  # type: ignore[list-item]  # an error instead of a turn
    visitor.start()
    visitor.run("Fail")
    visitor.run("Work")
    assert len(blocks(visitor.logs())) == 2
    (failed,) = blocks(visitor.logs(state="failed"))
    assert "failed" in failed
    (worked,) = blocks(visitor.logs(state="ok", text="good"))
    assert "Good." in worked
    assert "No entry matches" in visitor.logs(state="running").text_content()


def test_the_wire_is_filtered_on_the_server(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello.")]
    visitor.start()
    visitor.run("Hello")
    assert all("GET" in row for row in visitor.wire(kind="read"))
    assert all("POST" in row for row in visitor.wire(kind="change"))
    assert all("thread." in row for row in visitor.wire(kind="event"))
    assert visitor.wire(text="thread.run.completed", kind="event")
    assert visitor.wire(text="no such words") == []
    assert visitor.wire(state="failed") == []
    run_id = visitor.logs().find_class("activity")[0].get("data-run") or ""
    of_run = visitor.wire(run=run_id)
    assert any("/runs" in row for row in of_run)
    assert any("thread.run.completed" in row for row in of_run)
    assert not any("/models" in row for row in of_run)


def test_bodies_come_when_a_row_is_unfolded(visitor: Visitor) -> None:
    visitor.start()
    visitor.send("messages", content="Look at my body", action="add")
    assert "Look at my body" not in visitor.logs(view="wire").text_content()
    detail = visitor.logs(f"/entries/{number_of(visitor, 'POST/threads/')}").text_content()
    assert "Look at my body" in detail
    assert visitor.client.get(f"{visitor.chat}/logs/entries/999999").status_code == 404


def test_a_long_log_is_shown_page_by_page(visitor: Visitor, house: House) -> None:
    fill(house, visitor, 250)
    first = visitor.logs(view="wire")
    shown = [row.get("id") for row in first.find_class("log-row")]
    assert len(shown) == 200
    older_url = str(first.get_element_by_id("log-older").get("hx-get"))
    before = older_url.rpartition("before=")[2]
    assert shown[0] == f"log-{before}"
    older = visitor.logs("/older", view="wire", before=before)
    assert 'hx-target="#log-rows" hx-swap="afterbegin"' in visitor.client.get(f"{older_url}&view=wire").text
    earlier = [row.get("id") for row in older.find_class("log-row")]
    assert earlier
    assert not set(earlier) & set(shown)
    assert older.get_element_by_id("log-older").get("hx-get") is None


def test_new_rows_come_once_and_changed_ones_go_to_their_places(visitor: Visitor, house: House) -> None:
    house.model.turns = [[1.5, *says("Slow.")]]
    visitor.start()
    begun = cursor(visitor.logs(view="wire"))
    visitor.send("messages", content="Hello", action="run")
    middle = visitor.logs("/new", view="wire", after=begun)
    assert any("streaming" in row for row in rows(middle))
    assert cursor(middle) > begun
    visitor.wait_until_idle()
    end = visitor.client.get(f"{visitor.chat}/logs/new", params={"view": "wire", "after": cursor(middle)}).text
    stream = next(row.get("id") for row in middle.find_class("log-row") if "streaming" in row.text_content())
    assert f'hx-target="#{stream}-line" hx-swap="outerMorph"' in end
    run = visitor.client.get(f"{visitor.chat}/logs/new", params={"after": begun}).text
    assert 'hx-target="#log-rows" hx-swap="beforeend"' in run
    again = visitor.client.get(f"{visitor.chat}/logs/new", params={"after": cursor(middle)}).text
    assert 'hx-target="#activity-run_' in again


def test_new_rows_respect_the_filter_and_wait_while_paused(visitor: Visitor) -> None:
    begun = cursor(visitor.logs(view="wire"))
    visitor.send("messages", content="Hello", action="add")
    assert rows(visitor.logs("/new", view="wire", after=begun, kind="read")) == []
    (row,) = rows(visitor.logs("/new", view="wire", after=begun, kind="change"))
    assert "/messages" in row
    paused = visitor.logs("/new", view="wire", after=begun, paused="1")
    assert rows(paused) == []
    assert "1 new" in paused.text_content()


def test_so_much_news_that_the_list_begins_anew(visitor: Visitor, house: House) -> None:
    begun = cursor(visitor.logs(view="wire"))
    fill(house, visitor, 250)
    text = visitor.client.get(f"{visitor.chat}/logs/new", params={"view": "wire", "after": begun}).text
    assert 'hx-target="#log-list" hx-swap="outerHTML"' in text


def test_clearing_hides_what_is_there_from_this_browser(visitor: Visitor, house: House) -> None:
    url = f"{visitor.chat}/logs/clear"
    visitor.client.get(url, params={"view": "wire"})
    visitor.send("messages", content="Hello", action="add")
    assert len(visitor.wire()) == 1
    visitor.open()
    assert visitor.one("log-list").text_content().count("Earlier entries are hidden here.") == 1
    assert len(httpx2.get(f"{visitor.client.base_url}{visitor.chat}/logs?view=wire").text) > 1000
    visitor.client.get(url, params={"view": "wire", "undo": "true"})
    assert len(visitor.wire()) > 3


def test_the_browser_keeps_its_view_and_scope(visitor: Visitor) -> None:
    visitor.logs(view="wire", scope="all")
    visitor.open()
    assert visitor.attributes("//input[@name='view'][@checked]/@value") == ["wire"]
    assert visitor.attributes("//select[@name='scope']/option[@selected]/@value") == ["all"]
    visitor.client.cookies.clear()
    visitor.client.cookies.set("logs", "odd.thread.-1x")
    visitor.open()
    assert visitor.attributes("//input[@name='view'][@checked]/@value") == ["activity"]


def test_programs_appear_where_they_are_asked_for(visitor: Visitor, house: House) -> None:
    visitor.start()
    thread = visitor.text("thread-start").removeprefix("Thread ")
    program = {"Authorization": f"Bearer {SECRET}"}
    visitor.client.post(f"/v1/threads/{thread}/messages", json={"role": "user", "content": "Psst"}, headers=program)
    visitor.client.post("/v1/assistants", json={"model": "m", "name": "Programmed"}, headers=program)
    until_there(visitor, "program200", view="wire", scope="all", text="Programmed")
    assert len(visitor.wire(scope="thread", text="Psst")) == 1
    assert visitor.wire(scope="session", text="Psst") == []
    everything = visitor.client.get(f"{visitor.chat}/logs/download/jsonl", params={"view": "wire", "scope": "all"}).text
    assert "Psst" in everything
    assert SECRET not in everything


def test_a_download_holds_what_the_filter_shows_with_bodies(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("Hello.")]
    visitor.start()
    visitor.run("Hello")
    url = f"{visitor.chat}/logs/download/jsonl"
    response = visitor.client.get(url, params={"view": "wire", "kind": "change"})
    assert 'filename="logs.jsonl"' in response.headers["content-disposition"]
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert {line["name"] for line in lines} == {"POST"}
    assert any("'Hello'" in str(line["request_body"]) for line in lines)
    stream = next(line for line in lines if line["path"].partition("?")[0].endswith("/runs"))
    assert stream["response_body"][0]["event"] == "thread.run.created"


def test_hostile_content_stays_text(visitor: Visitor, house: House) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    house.model.turns = [says(attack)]
    visitor.start()
    visitor.run(attack)
    visitor.client.get("/v1/threads/thread_%3Cscript%3E", headers={"x-evil": attack})
    until_there(visitor, "script", view="wire", scope="all", state="failed")
    parts = [visitor.logs(scope="all"), visitor.logs(view="wire", scope="all")]
    parts += [visitor.logs(f"/entries/{row.get('id')[4:]}") for row in parts[1].find_class("log-row") if row.get("id")]
    for part in parts:
        assert part.xpath("//script | //img[@src='x']") == []
