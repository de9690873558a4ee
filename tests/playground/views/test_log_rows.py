"""The wire view's rows and what unfolds below them."""

from __future__ import annotations

import json
from dataclasses import replace

from app.journal.entry import Entry
from app.journal.exchange import Exchange
from app.journal.writing import event_entry, exchange_entry
from app.playground.views.log_detail import as_json, detail_view
from app.playground.views.log_rows import log_row
from tests.journal.calls import call

ID = "thread_" + "x" * 20 + "AbCd"
STREAM = ': ping\n\nevent: thread.run.created\ndata: {"id": "run_1"}\n\nevent: done\ndata: [DONE]\n\n'


def entry(exchange: Exchange, number: int = 1, session_id: str = "chat_1") -> Entry:
    return exchange_entry(exchange, session_id, number=number)


def event(name: str, body: object) -> Entry:
    return event_entry(name, json.dumps(body), 1_700_000_000.0, thread_id=None, run_id="run_1", session_id="chat_1")


def test_a_path_is_shortened_and_the_address_stays_whole() -> None:
    made = entry(call(path=f"/openai/threads/{ID}/messages?api-version=2024-05-01-preview&limit=100"))
    assert log_row(made).path == "/threads/…AbCd/messages"
    assert detail_view(made).address.endswith("&limit=100")


def test_a_call_says_how_it_goes() -> None:
    assert log_row(entry(call())).duration == "12 ms"
    assert log_row(entry(call(is_finished=False))).duration == "streaming"
    assert log_row(entry(call(status=404))).tone == "bad"
    failed = entry(call(status=None, error="ConnectError: refused"))
    assert (log_row(failed).tone, log_row(failed).status) == ("bad", "no answer")
    assert detail_view(failed).error == "ConnectError: refused"
    cut = replace(entry(call(is_finished=False)), state="failed")
    assert (log_row(cut).duration, detail_view(cut).error) == ("no end seen", "Its end was not seen.")
    assert log_row(entry(call(), session_id="")).is_programs


def test_a_call_unfolds_with_headers_and_bodies() -> None:
    detail = detail_view(entry(call(body='{"a":1}', answer="no JSON")))
    assert [body.title for body in detail.bodies] == ["Request headers", "Request", "Response headers", "Response"]
    assert [body.text for body in detail.bodies] == [
        "accept: */*",
        '{\n  "a": 1\n}',
        "content-type: application/json",
        "no JSON",
    ]
    assert detail_view(replace(entry(call()), detail=None)).bodies == ()


def test_a_stream_unfolds_into_its_events_with_their_times() -> None:
    marks: list[list[float]] = [[3.0, 2], [1500.0, 3]]
    detail = detail_view(entry(call(answer=STREAM, content_type="text/event-stream; charset=utf-8", marks=marks)))
    assert [(each.at, each.name, each.data) for each in detail.events] == [
        ("3 ms", "thread.run.created", '{"id": "run_1"}'),
        ("1.5 s", "done", "[DONE]"),
    ]
    assert "Response" not in [body.title for body in detail.bodies]
    many = detail_view(entry(call(answer="data: 1\n\n" * 1_200, content_type="text/event-stream")))
    assert (len(many.events), many.events_left_out) == (1_000, 200)


def test_an_entry_as_json_has_bodies_as_what_they_say() -> None:
    read = json.loads(as_json(entry(call(body='{"a": 1}', answer=STREAM, content_type="text/event-stream"))))
    assert read["request_body"] == {"a": 1}
    assert read["response_body"][0] == {"event": "thread.run.created", "data": {"id": "run_1"}}
    assert json.loads(as_json(event("error", {"code": "x"})))["object"] == {"code": "x"}


def test_events_say_in_few_words_what_happened() -> None:
    run = {"object": "thread.run", "model": "gpt-4", "answered_by": "small"}
    assert log_row(event("thread.run.queued", run)).text == "gpt-4, answered by small"
    assert log_row(event("thread.run.completed", {**run, "usage": {"total_tokens": 15}})).text == "15 tokens"
    failed = log_row(event("thread.run.failed", {**run, "last_error": {"message": "No key."}}))
    assert (failed.text, failed.tone) == ("No key.", "bad")
    step = {"object": "thread.run.step", "step_details": {"tool_calls": [{"type": "code_interpreter"}]}}
    assert log_row(event("thread.run.step.completed", step)).text == "code_interpreter"
    message = {"object": "thread.message", "content": [{"type": "text", "text": {"value": "word " * 100}}]}
    assert len(log_row(event("thread.message.completed", message)).text) == 121
    assert log_row(event("error", None)).text == ""
    assert '"model": "gpt-4"' in detail_view(event("thread.run.queued", run)).bodies[0].text


def test_a_note_is_a_row_without_detail() -> None:
    row = log_row(Entry(1, "chat_1", "note", {"text": "The server was restarted."}, 1_700_000_000.0))
    assert (row.title, row.has_detail) == ("The server was restarted.", False)
