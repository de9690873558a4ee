"""Reads a thread from the API into its conversation: messages, runs, and the steps that ran code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.types import Message, MessageCreationStepDetails, Run, RunStep
from app.errors import AppError, NotFound
from app.playground import function_calls
from app.playground.conversation import ACTIVE
from app.playground.drafts.message import message_draft
from app.playground.drafts.notice import Notice
from app.playground.drafts.step import step_draft
from app.playground.file_facts import describe
from app.playground.notices import remarks
from app.playground.views.chat import NoticeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.playground.conversation import Conversation
    from app.playground.drafts.draft import Draft
    from app.playground.session import Session

_PAGE = 100


async def load(session: Session) -> None:
    """Replace the conversation by what the API lists; what a watcher brought in meanwhile is newer and stays."""
    before = Moment(session.conversation)
    try:
        with session.calls():
            messages, runs = await _messages(session), await _runs(session)
            steps = {run.id: await _steps(session, run) for run in runs}
        await describe(session, _attached(messages))
        await function_calls.learn(session, runs)
    except AppError as error:
        session.conversation.replace(session.thread_id, [_unreadable(error)], [])
        return
    if session.conversation.thread_id != before.thread_id:
        return  # The chat was cleared, or read by somebody else.
    # Nothing is awaited from here on: what came in meanwhile would be lost.
    drafts = before.newer_drafts(_ordered(session, messages, runs, steps))
    session.conversation.replace(session.thread_id, drafts, before.newer_runs(runs))


class Moment:
    """The conversation when reading began, to tell what came in while the API answered."""

    def __init__(self, conversation: Conversation) -> None:
        self.thread_id = conversation.thread_id
        self._conversation = conversation
        self._revision = conversation.revision
        self._runs = dict(conversation.runs)

    def newer_drafts(self, listed: list[Draft]) -> list[Draft]:
        """Put the drafts that changed since in the places of the listed ones; new ones come last."""
        newer = {draft.id: draft for draft in self._conversation.changed_since(self._revision)}
        drafts = [newer.pop(draft.id, draft) for draft in listed]
        return [*drafts, *newer.values()]

    def newer_runs(self, listed: list[Run]) -> list[Run]:
        """Put the runs that changed since, or that are watched, in the places of the listed ones."""
        now = self._conversation.runs
        is_newer = {
            run_id
            for run_id, run in now.items()
            if run_id in self._conversation.watched or run is not self._runs.get(run_id)
        }
        runs = {run.id: run for run in listed} | {run_id: now[run_id] for run_id in is_newer}
        return list(runs.values())


async def _messages(session: Session) -> list[Message]:
    pages = session.client.beta.threads.messages.list(session.thread_id, order="asc", limit=_PAGE)
    return [message async for message in pages]


def _attached(messages: list[Message]) -> Iterator[str]:
    """Yield the files that users attached; what the assistant made tells its name itself."""
    for message in messages:
        if message.role == "user":
            yield from (attachment.file_id for attachment in message.attachments or [] if attachment.file_id)


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
        draft = step_draft(step)
        if draft is not None and draft.calls:
            drafts.append(draft)
        elif isinstance(step.step_details, MessageCreationStepDetails):
            message = messages.get(step.step_details.message_creation.message_id)
            drafts += [message_draft(message)] if message else []
    return [*drafts, *remarks(run)]


def _unreadable(error: AppError) -> Notice:
    text = "Clear the chat to begin a new thread." if isinstance(error, NotFound) else "Reload the page to try again."
    return Notice(NoticeView("notice-thread", "This thread cannot be read", error.message, text))
