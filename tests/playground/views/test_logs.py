"""The rows of the logs pane."""

from __future__ import annotations

from app.journal.journal import Entry, Kind
from app.playground.views.logs import log_row, log_rows

ID = "thread_" + "x" * 20 + "AbCd"


def entry(number: int, kind: Kind = "exchange", **data: object) -> Entry:
    return Entry(number, "chat_1", kind, data, 1_700_000_000.0 + number)


def exchange(number: int, **data: object) -> Entry:
    call = {"id": "call", "method": "POST", "path": "/v1/threads", "status": 200, "duration_ms": 12.0}
    return Entry(number, "chat_1", "exchange", {**call, "is_finished": True, **data}, 1_700_000_000.0 + number)


def test_a_path_is_shortened_and_the_address_stays_whole() -> None:
    address = f"/openai/threads/{ID}/messages?api-version=2024-05-01-preview&limit=100"
    row = log_row(exchange(1, path=address))
    assert row.path == "/threads/…AbCd/messages"
    assert row.bodies[0].text == address


def test_a_streamed_call_is_one_row_that_is_completed_in_its_place() -> None:
    begun = exchange(1, is_finished=False)
    ended = exchange(3, duration_ms=2500.0, response_body=[{"event": "done", "data": "[DONE]"}])
    rows = log_rows([begun, exchange(2, id="other"), ended])
    assert [row.key for row in rows] == ["log-call", "log-other"]
    assert rows[0].duration == "2.5 s"
    assert rows[0].bodies[-1].text == 'done  "[DONE]"'
    assert log_row(begun).duration == "streaming"


def test_a_failed_call_is_marked_and_its_error_is_unfolded() -> None:
    assert log_row(exchange(1, status=404)).tone == "bad"
    row = log_row(exchange(1, status=None, error="ConnectError: refused"))
    assert (row.tone, row.status) == ("bad", "no answer")
    assert [body.title for body in row.bodies if body.is_open] == ["Error"]


def test_calls_that_only_read_are_known() -> None:
    assert log_row(exchange(1, method="GET")).is_read
    assert not log_row(exchange(1)).is_read


def test_a_code_step_shows_code_logs_and_images() -> None:
    outputs = [{"type": "logs", "logs": "1"}, {"type": "image", "image": {"file_id": "assistant-1"}}]
    call = {"type": "code_interpreter", "code_interpreter": {"input": "print(1)", "outputs": outputs}}
    step = {
        "object": "thread.run.step",
        "status": "completed",
        "type": "tool_calls",
        "step_details": {"type": "tool_calls", "tool_calls": [call]},
    }
    row = log_row(entry(1, "run_event", name="thread.run.step.completed", data=step))
    assert (row.title, row.text, row.tone) == ("thread.run.step.completed", "code_interpreter", "good")
    assert "print" in row.calls[0].code
    assert row.calls[0].outputs[0].text == "1"
    assert row.calls[0].outputs[1].image is not None
    running = log_row(entry(2, "run_event", name="thread.run.step.in_progress", data={**step, "status": "in_progress"}))
    assert running.calls == ()


def test_a_run_says_which_model_answered_what_it_took_and_why_it_failed() -> None:
    run = {"object": "thread.run", "model": "gpt-4", "answered_by": "small"}
    assert log_row(entry(1, "run_event", name="thread.run.queued", data=run)).text == "gpt-4, answered by small"
    done = {**run, "usage": {"total_tokens": 15}}
    assert log_row(entry(1, "run_event", name="thread.run.completed", data=done)).text == "15 tokens"
    failed = log_row(
        entry(1, "run_event", name="thread.run.failed", data={**run, "last_error": {"message": "No key."}})
    )
    assert (failed.text, failed.tone) == ("No key.", "bad")


def test_a_long_message_is_cut_and_an_error_event_has_no_summary() -> None:
    message = {"object": "thread.message", "content": [{"type": "text", "text": {"value": "word " * 100}}]}
    assert len(log_row(entry(1, "run_event", name="thread.message.completed", data=message)).text) == 121
    assert log_row(entry(1, "run_event", name="error", data=None)).text == ""


def test_a_note_is_a_row_without_detail() -> None:
    row = log_row(entry(1, "note", text="The server was restarted."))
    assert (row.title, row.has_detail) == ("The server was restarted.", False)
