"""Reads a thread from the API into its conversation: messages, runs, and the steps that ran code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.types import Message, MessageCreationStepDetails, Run, RunStep
from app.errors import AppError, NotFound
from app.playground.conversation import ACTIVE, run_notice
from app.playground.drafts import Notice, is_code_step, message_draft, step_draft
from app.playground.views.chat import NoticeView

if TYPE_CHECKING:
    from app.playground.drafts import Draft
    from app.playground.session import Session

_PAGE = 100


async def load(session: Session) -> None:
    """Replace the conversation by what the API lists; drafts of a run that is being watched are newer and stay."""
    try:
        with session.calls():
            messages, runs = await _messages(session), await _runs(session)
            steps = {run.id: await _steps(session, run) for run in runs}
    except AppError as error:
        session.conversation.replace(session.thread_id, [_unreadable(error)], [])
        return
    drafts = _ordered(session, messages, runs, steps)
    current = [session.conversation.runs.get(run.id, run) if _is_watched(session, run) else run for run in runs]
    session.conversation.replace(session.thread_id, drafts, current)


async def _messages(session: Session) -> list[Message]:
    pages = session.client.beta.threads.messages.list(session.thread_id, order="asc", limit=_PAGE)
    return [message async for message in pages]


async def _runs(session: Session) -> list[Run]:
    pages = session.client.beta.threads.runs.list(session.thread_id, order="asc", limit=_PAGE)
    return [run async for run in pages]


async def _steps(session: Session, run: Run) -> list[RunStep]:
    """Return the run's steps; once it has ended they do not change."""
    if run.id in session.conversation.settled_steps:
        return session.conversation.settled_steps[run.id]
    pages = session.client.beta.threads.runs.steps.list(run.id, thread_id=session.thread_id, order="asc", limit=_PAGE)
    steps = [step async for step in pages]
    if run.status not in ACTIVE:
        session.conversation.settled_steps[run.id] = steps
    return steps


def _is_watched(session: Session, run: Run) -> bool:
    return run.id in session.conversation.watched


def _ordered(
    session: Session, messages: list[Message], runs: list[Run], steps: dict[str, list[RunStep]]
) -> list[Draft]:
    """Put each run's steps and messages where its first message stands, or where it began when it has none."""
    by_id = {message.id: message for message in messages}
    waiting = {run.id: run for run in runs}
    drafts: list[Draft] = []
    anchored = {message.run_id for message in messages}
    for message in messages:
        for run in [run for run in waiting.values() if run.id not in anchored and run.created_at < message.created_at]:
            drafts += _of_run(session, waiting.pop(run.id), steps, by_id)
        if message.run_id in waiting:
            drafts += _of_run(session, waiting.pop(message.run_id), steps, by_id)
        if all(draft.id != message.id for draft in drafts):
            drafts.append(message_draft(message))
    for run in waiting.values():
        drafts += _of_run(session, run, steps, by_id)
    return drafts


def _of_run(session: Session, run: Run, steps: dict[str, list[RunStep]], messages: dict[str, Message]) -> list[Draft]:
    if _is_watched(session, run):
        return session.conversation.of_run(run.id)
    drafts: list[Draft] = []
    for step in steps[run.id]:
        if is_code_step(step):
            drafts.append(step_draft(step))
        elif isinstance(step.step_details, MessageCreationStepDetails):
            message = messages.get(step.step_details.message_creation.message_id)
            drafts += [message_draft(message)] if message else []
    notice = run_notice(run)
    return [*drafts, notice] if notice else drafts


def _unreadable(error: AppError) -> Notice:
    text = "Clear the chat to begin a new thread." if isinstance(error, NotFound) else "Reload the page to try again."
    return Notice(NoticeView("notice-thread", "This thread cannot be read", error.message, text))
