"""Every way in which a run can stand or end, as a client sees it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from openai import OpenAI
from openai.types.beta.threads import Run

MODEL = "gpt-4-1106-preview"
TOOLS: Any = [
    {"type": "code_interpreter"},
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}},
]
SLOW = "!slow 0.2\n!say " + "word " * 50


def start(client: OpenAI, text: str, **options: Any) -> Run:
    assistant = client.beta.assistants.create(model=MODEL, tools=TOOLS)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": text}])
    run: Run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id, **options)
    return run


def end(client: OpenAI, run: Run) -> Run:
    return client.beta.threads.runs.poll(run.id, thread_id=run.thread_id, poll_interval_ms=50)


def until(client: OpenAI, run: Run, status: str) -> Run:
    deadline = time.monotonic() + 10
    while (now := client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)).status != status:
        assert time.monotonic() < deadline, now
        time.sleep(0.02)
    return now


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("!fail 500", "server_error", "failed (500)"),
        ("!fail 401", "server_error", "refused the key"),
        ("!cut", "server_error", "cut off"),
        ("!fail 429", "rate_limit_exceeded", "limiting requests"),
        ("!fail 400", "invalid_prompt", "refused the request"),
    ],
)
def test_a_model_that_fails_says_so_in_last_error(client: OpenAI, text: str, code: str, words: str) -> None:
    run = end(client, start(client, text))
    assert (run.status, run.expires_at) == ("failed", None)
    assert run.failed_at is not None
    assert run.last_error is not None
    assert run.last_error.code == code
    assert words in run.last_error.message


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("!finish length\n!say Too long", {}, "max_completion_tokens"),
        ("!code 1\n!code 2\n!code 3\n!code 4\n!say x", {"max_prompt_tokens": 256}, "max_prompt_tokens"),
        ("!finish content_filter\n!say Oh", {}, "content_filter"),
    ],
)
def test_a_run_that_must_stop_early_is_incomplete(client: OpenAI, text: str, options: Any, reason: str) -> None:
    run = end(client, start(client, text, **options))
    assert run.status == "incomplete"
    assert run.incomplete_details is not None
    assert run.incomplete_details.reason == reason
    assert run.last_error is None


def test_a_run_that_is_asked_to_stop_is_cancelling_then_cancelled(client: OpenAI) -> None:
    run = start(client, SLOW)
    assert run.status == "queued"
    until(client, run, "in_progress")
    assert client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id).status == "cancelling"
    run = end(client, run)
    assert run.status == "cancelled"
    assert run.cancelled_at is not None


def test_a_run_that_asks_for_functions_waits_then_completes(client: OpenAI) -> None:
    run = end(client, start(client, "!call get_weather\n!say Fine"))
    assert run.status == "requires_action"
    assert run.required_action is not None
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    client.beta.threads.runs.submit_tool_outputs(
        run.id, thread_id=run.thread_id, tool_outputs=[{"tool_call_id": call.id, "output": "18"}]
    )
    run = end(client, run)
    assert (run.status, run.required_action) == ("completed", None)
    assert run.usage is not None
    assert run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens > 0
