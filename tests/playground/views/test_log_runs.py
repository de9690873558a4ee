"""The activity view's blocks."""

from __future__ import annotations

import json
from dataclasses import replace

from app.journal.entry import Entry
from app.journal.writing import event_entry
from app.playground.views.log_runs import RunBlock, run_block

BEGAN = 1_700_000_000.0
RUN = {"object": "thread.run", "id": "run_1", "assistant_id": "asst_1", "thread_id": "thread_1", "model": "small"}


def event(at: float, name: str, **body: object) -> Entry:
    made = event_entry(name, json.dumps(body), BEGAN + at, thread_id="thread_1", run_id="run_1", session_id="chat_1")
    return replace(made, number=int(at * 10) + 1)


def step(at: float, state: str, **details: object) -> Entry:
    body = {"object": "thread.run.step", "id": "step_1", "status": state, "step_details": details}
    return event(at, f"thread.run.step.{state}", **body)


def block(*events: Entry) -> RunBlock:
    return run_block("run_1", 1, events, {"asst_1": "Math Assist"})


def begun() -> list[Entry]:
    return [
        event(0, "thread.run.created", **RUN, status="queued"),
        event(1, "thread.run.in_progress", **RUN, status="in_progress"),
    ]


def test_a_run_says_who_answered_how_long_and_what_it_took() -> None:
    usage = {"total_tokens": 1200, "prompt_tokens": 1000, "completion_tokens": 200}
    made = block(*begun(), event(4, "thread.run.completed", **RUN, status="completed", usage=usage))
    assert (made.assistant, made.model, made.state, made.tone) == ("Math Assist", "small", "completed", "good")
    assert (made.took, made.tokens, made.waited) == ("4.0 s", "1,200 tokens (1,000 in, 200 out)", 25.0)


def test_code_stands_in_its_place_in_time_with_its_output() -> None:
    outputs = [{"type": "logs", "logs": "1"}, {"type": "image", "image": {"file_id": "assistant-1"}}]
    code = {"type": "code_interpreter", "code_interpreter": {"input": "print(1)", "outputs": outputs}}
    ended = event(4, "thread.run.completed", **RUN, status="completed")
    made = block(*begun(), step(2, "in_progress"), step(3, "completed", tool_calls=[code]), ended)
    (shown,) = made.steps
    assert (shown.title, shown.start, shown.width, shown.took) == ("Code interpreter", 50.0, 25.0, "1.0 s")
    assert "print" in (shown.calls[0].code or "")
    assert shown.calls[0].outputs[0].text == "1"
    assert shown.calls[0].outputs[1].image is not None


def test_searches_and_functions_show_what_went_in_and_came_out() -> None:
    results = [{"file_name": "a.pdf", "score": 0.756, "page": 3}, {"file_id": "file-1"}, "odd"]
    calls = [
        {"type": "file_search", "file_search": {"queries": ["price"], "results": results}},
        {"type": "function", "function": {"name": "get_weather", "arguments": '{"city":"Paris"}', "output": "sunny"}},
        {"type": "function", "function": {"name": "wait", "arguments": "", "output": None}},
        {"type": "retrieval"},
    ]
    (shown,) = block(*begun(), step(2, "completed", tool_calls=calls)).steps
    assert shown.title == "File search, get_weather(), wait(), retrieval"
    search = shown.calls[0].search
    assert search is not None
    assert search.queries == ("price",)
    assert [(one.name, one.page, one.score) for one in search.results] == [("a.pdf", 3, "0.76"), ("file-1", None, "")]
    assert shown.calls[1].text == '{\n  "city": "Paris"\n}'
    assert shown.calls[1].outputs[0].text == "sunny"
    assert shown.calls[2].outputs == ()


def test_what_a_run_waits_for_is_shown_before_its_step_has_it() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}
    waits = event(3, "thread.run.requires_action", **RUN, status="requires_action", required_action=action)
    made = block(*begun(), step(2, "in_progress", type="tool_calls", tool_calls=[]), waits)
    assert (made.state, made.is_waiting) == ("waits for outputs", True)
    assert [(each.title, each.calls[0].text) for each in made.steps] == [("get_weather()", "{}")]


def test_the_message_is_told_and_led_to() -> None:
    text = {"object": "thread.message", "id": "msg_1", "content": [{"type": "text", "text": {"value": "x = 1"}}]}
    made = block(
        *begun(),
        event(2, "thread.message.completed", **text),
        step(3, "completed", message_creation={"message_id": "msg_1"}),
    )
    assert (made.steps[0].title, made.steps[0].message, made.message_id) == ("Message", "x = 1", "msg_1")


def test_a_failure_says_why() -> None:
    error = {"message": "No key.", "code": "server_error"}
    assert block(*begun(), event(2, "thread.run.failed", **RUN, status="failed", last_error=error)).reason == (
        "No key. (server_error)"
    )
    short = block(
        *begun(),
        event(2, "x", **RUN, status="incomplete", incomplete_details={"reason": "max_completion_tokens"}),
    )
    assert (short.state, short.reason) == ("incomplete", "It reached its limit: max completion tokens.")


def test_what_still_goes_on_has_no_duration() -> None:
    made = block(*begun(), step(2, "in_progress"))
    assert (made.is_active, made.took, made.steps[0].took, made.state) == (True, "", "", "running")
    assert block(event(0, "odd")).state == "unknown"
