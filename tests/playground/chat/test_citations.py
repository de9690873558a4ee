"""Answers that cite passages, searches that show what they found, and the files of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.connections.types import FileCitationAnnotation
from app.engine.tools.code_interpreter.port import FileMade
from app.playground.drafts.citation import Sources, citations_of
from app.playground.files.file_facts import FileFacts
from tests.doubles.models import calls, says
from tests.playground import setup_form
from tests.playground.file_visits import attach, elements, make_store, send_file, wait_until_read, words

if TYPE_CHECKING:
    from pathlib import Path

    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

ANSWER = "It sold 22 units【4:0†sales.md】, really【4:0†sales.md】, says nobody【9:9†other.md】."


@pytest.fixture
def asked(visitor: Visitor, house: House) -> Visitor:
    """Ask an assistant with a store of one document."""
    store_id = make_store(visitor)
    send_file(visitor, f"stores/{store_id}/uploads", "sales.md")
    wait_until_read(visitor, store_id)
    setup_form.save(visitor, file_search="on", vector_store_id=store_id)
    house.model.turns = [calls(("file_search", '{"queries": ["units in February"]}')), says(ANSWER)]
    visitor.run("How well did it sell?")
    return visitor


def answer(visitor: Visitor) -> html.HtmlElement:
    return visitor.page.find_class("assistant")[-1]


def test_marks_open_the_passage_and_invented_ones_stay_text(asked: Visitor) -> None:
    marks = answer(asked).xpath(".//button[contains(@class, 'cite')]")
    assert [(mark.text, mark.get("aria-label")) for mark in marks] == [("1", "Source 1: sales.md")] * 2
    assert "【9:9†other.md】" in words(answer(asked))
    (source,) = answer(asked).find_class("source")
    assert source.get("id") == marks[0].get("data-clicks")
    opened = elements(asked.client.get(source.get("hx-get")))
    assert "sold 22 units in February" in words(opened)
    assert "units in February" in words(opened.find_class("facts")[0])
    assert opened.xpath(".//a/@href")[0].startswith(asked.chat)


def test_the_step_shows_queries_passages_scores_and_what_was_cited(asked: Visitor) -> None:
    (step,) = asked.page.find_class("step")
    assert words(step).startswith("Searched files")
    assert words(step.find_class("queries")[0]) == "units in February"
    assert "1 passage found, 1 cited" in words(step)
    (row,) = step.find_class("found-passage")
    assert "Cited" in words(row)
    (address,) = row.xpath(".//@hx-get")
    assert "sold 22 units" in words(elements(asked.client.get(address)))


def test_a_passage_that_is_gone_says_so(asked: Visitor) -> None:
    (source,) = answer(asked).find_class("source")
    address = source.get("hx-get")
    assert asked.client.get(address.replace("mark=4", "mark=5")).status_code == 404
    assert asked.client.get(address.replace("step_id=step_", "step_id=step_x")).status_code == 404
    assert asked.client.get(address.replace("step_id=", "step_id=..%2F")).status_code == 422


def test_the_files_of_the_thread_are_listed_detached_and_deleted(
    visitor: Visitor, house: House, tmp_path: Path
) -> None:
    made = tmp_path / "made.csv"
    made.write_text("a,b")
    house.model.turns = [calls(("python", '{"code": "write()"}')), says("Here: [t](sandbox:/mnt/data/table.csv)")]
    house.interpreter.cells = [[FileMade("table.csv", made, 3)]]
    visitor.start()
    code_id, _ = attach(visitor, "data.csv")
    text_id, _ = attach(visitor, "notes.md")
    fields = {"attachment": [code_id, text_id], "attachment_use": ["code_interpreter", "file_search"]}
    visitor.client.post(f"{visitor.chat}/messages", data={"content": "Go", "action": "run", **fields})
    visitor.wait_until_idle()
    sheet = elements(visitor.client.get(f"{visitor.chat}/thread-files"))
    parts = [words(part) for part in sheet.find_class("sheet-part")]
    assert [part.split(" ")[0] for part in parts] == ["Attached", "In", "Searched", "Made"]
    assert "notes.md 41 B Ready" in parts[2]
    assert "table.csv 3 B" in parts[3]
    less = elements(visitor.send(f"thread-files/{code_id}/remove"))
    assert "In the code interpreter's folder" not in words(less)
    thread = visitor.client.get(f"/v1/threads/{visitor.text('thread-start').split()[-1]}").json()
    assert thread["tool_resources"]["file_search"]["vector_store_ids"]
    assert visitor.send(f"thread-files/{code_id}/remove").status_code == 404
    gone = elements(visitor.send(f"thread-files/{text_id}/delete"))
    assert "Deleted" in words(gone.find_class("sheet-part")[0])


def test_a_thread_without_files_says_so(visitor: Visitor) -> None:
    assert "No files yet." in words(elements(visitor.client.get(f"{visitor.chat}/thread-files")))


def test_a_service_that_tells_the_file_alone_gets_its_name_and_no_passage() -> None:
    text = "【7†source】"
    told = {"type": "file_citation", "text": text, "start_index": 0, "end_index": 9, "file_citation": {"file_id": "f"}}
    citations = citations_of([FileCitationAnnotation.model_validate(told)])
    sources = Sources("msg_1", citations, {"f": FileFacts("f", "rules.pdf")})
    (view,) = sources.views()
    assert (view.number, view.label, view.step_id) == (1, "rules.pdf", "")
    assert sources.marks()[text].opens == ""
