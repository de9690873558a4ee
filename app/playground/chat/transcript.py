"""Reads a thread from the API into its conversation: messages, runs, and the steps that ran code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.types import Message, MessageCreationStepDetails, Run
from app.errors import AppError, NotFound
from app.playground.calls import function_calls
from app.playground.chat import thread_pages
from app.playground.chat.notices import remarks
from app.playground.drafts.message import message_draft
from app.playground.drafts.notice import Notice
from app.playground.drafts.step import step_draft
from app.playground.files.file_facts import describe
from app.playground.views.chat import NoticeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.playground.chat.conversation import Conversation, Mark
    from app.playground.chat.thread_pages import Stretch
    from app.playground.drafts.draft import Draft
    from app.playground.session import Session


async def load(session: Session) -> None:
    """Replace the conversation by what the API lists; what a watcher brought in meanwhile is newer and stays."""
    before = Moment(session.conversation)
    try:
        with session.calls():
            stretch = await thread_pages.newest(session)
        await describe(session, _nameless(stretch.messages))
        await function_calls.learn(session, stretch.runs)
    except AppError as error:
        session.conversation.replace(session.thread_id, [_unreadable(error)], [])
        return
    if session.conversation.thread_id != before.thread_id:
        return  # The chat was cleared, or read by somebody else.
    # Nothing is awaited from here on: what came in meanwhile would be lost.
    drafts = before.newer_drafts(_ordered(session, stretch))
    session.conversation.replace(session.thread_id, drafts, before.newer_runs(stretch.runs), stretch.older)


async def older(session: Session, mark: Mark) -> tuple[list[Draft], Mark | None]:
    """Return what stands before the mark, and where what is older still begins."""
    with session.calls():
        stretch = await thread_pages.before(session, mark)
    await describe(session, _nameless(stretch.messages))
    await function_calls.learn(session, stretch.runs)
    return _ordered(session, stretch), stretch.older


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


def _nameless(messages: list[Message]) -> Iterator[str]:
    """Yield the files whose names the messages do not tell: users' attachments, and what other services cite."""
    for message in messages:
        parts = message_draft(message).parts.values()
        yield from (one.file_id for part in parts for one in part.citations if not one.name)
        if message.role == "user":
            yield from (attachment.file_id for attachment in message.attachments or [] if attachment.file_id)


def _is_watched(session: Session, run: Run) -> bool:
    return run.id in session.conversation.watched


def _ordered(session: Session, stretch: Stretch) -> list[Draft]:
    """Put each run's steps and messages where its first message stands, or where it began when it has none."""
    messages = stretch.messages
    by_id = {message.id: message for message in messages}
    waiting = {run.id: run for run in stretch.runs}
    drafts: list[Draft] = []
    anchored = {message.run_id for message in messages}
    for message in messages:
        for run in [run for run in waiting.values() if run.id not in anchored and run.created_at < message.created_at]:
            drafts += _of_run(session, waiting.pop(run.id), stretch, by_id)
        if message.run_id in waiting:
            drafts += _of_run(session, waiting.pop(message.run_id), stretch, by_id)
        if all(draft.id != message.id for draft in drafts):
            drafts.append(message_draft(message))
    for run in waiting.values():
        drafts += _of_run(session, run, stretch, by_id)
    return drafts


def _of_run(session: Session, run: Run, stretch: Stretch, messages: dict[str, Message]) -> list[Draft]:
    if _is_watched(session, run):
        return session.conversation.of_run(run.id)
    said: list[Draft] = [message_draft(message) for message in stretch.messages if message.run_id == run.id]
    if run.status == "completed" and not said:
        return []  # Its answer was deleted.
    drafts: list[Draft] = [] if run.id in stretch.steps else said
    for step in stretch.steps.get(run.id, ()):
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
