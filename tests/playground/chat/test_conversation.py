"""The conversation in memory: what a run's state says, and who is woken."""

from __future__ import annotations

import asyncio

import pytest

from app.connections.types import Message, Run, RunStep
from app.playground.chat.conversation import Conversation
from app.playground.drafts.message import message_draft
from app.playground.drafts.step import step_draft


def run(status: str, **fields: object) -> Run:
    values = {"id": "run_1", "status": status, "created_at": 1, "thread_id": "thread_1", "assistant_id": "asst_1"}
    return Run.construct(None, **values, **fields)


def message(status: str) -> Message:
    return Message.construct(
        id="msg_1", role="assistant", assistant_id="asst_1", run_id="run_1", created_at=1, status=status, content=[]
    )


def step(status: str) -> RunStep:
    details = {"type": "tool_calls", "tool_calls": []}
    times = {"completed_at": None, "failed_at": None, "cancelled_at": None}
    return RunStep.construct(id="step_1", run_id="run_1", created_at=1, status=status, step_details=details, **times)


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("queued", "Waiting to start"),
        ("in_progress", "Thinking"),
        ("cancelling", "Stopping"),
        ("requires_action", "Until then the thread is locked"),
    ],
)
def test_an_active_run_says_what_it_does(status: str, label: str) -> None:
    conversation = Conversation()
    conversation.set_run(run(status))
    assert (conversation.run_view().label, conversation.run_view().is_active) == (label, True)


def test_writing_and_running_code_are_told_apart() -> None:
    conversation = Conversation()
    conversation.set_run(run("in_progress"))
    draft = step_draft(step("in_progress"))
    assert draft is not None
    conversation.put(draft)
    assert conversation.run_view().label == "Running code"
    conversation.put(message_draft(message("in_progress")))
    assert conversation.run_view().label == "Writing"
    conversation.put(message_draft(message("completed")))
    assert conversation.run_view().label == "Thinking"


@pytest.mark.parametrize(
    ("ended", "title"),
    [
        (run("failed", last_error=None), "The run failed"),
        (run("expired"), "The run expired"),
        (run("incomplete", incomplete_details=None), "The answer is incomplete"),
        (run("cancelled"), "Stopped"),
    ],
)
def test_a_run_that_did_not_complete_leaves_a_notice(ended: Run, title: str) -> None:
    conversation = Conversation()
    conversation.set_run(ended)
    assert not conversation.run_view().is_active
    assert conversation.drafts[0].id == "notice-run_1"
    assert title in str(conversation.drafts[0])


@pytest.mark.parametrize(
    ("code", "advice"), [("rate_limit_exceeded", "Wait a moment"), ("invalid_prompt", "Change the message")]
)
def test_the_advice_fits_the_error(code: str, advice: str) -> None:
    conversation = Conversation()
    conversation.set_run(Run.construct(id="run_1", status="failed", last_error={"code": code, "message": "No."}))
    assert advice in str(conversation.drafts[0])


def test_the_notice_goes_when_the_run_goes_on() -> None:
    conversation = Conversation()
    conversation.set_run(run("requires_action"))
    epoch = conversation.epoch
    conversation.set_run(run("in_progress"))
    assert (conversation.drafts, conversation.epoch) == ([], epoch + 1)


async def test_a_change_wakes_who_waits_and_one_missed_is_not_waited_for() -> None:
    conversation = Conversation()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(conversation.wait(conversation.signals, 60))
        await asyncio.sleep(0)
        conversation.touch()
    async with asyncio.timeout(5):
        await conversation.wait(conversation.signals - 1, 60)
        await conversation.wait(conversation.signals, 0.01)
