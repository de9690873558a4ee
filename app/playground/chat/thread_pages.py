"""Reads a stretch of a thread from the API: its newest messages, or those before; with their runs and steps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.playground.chat.conversation import ACTIVE, Mark
from app.playground.drafts.message import MessageDraft

if TYPE_CHECKING:
    from app.connections.types import Message, Run, RunStep
    from app.playground.chat.conversation import Conversation
    from app.playground.session import Session

PAGE: Final = 50
_AT_ONCE: Final = 8


@dataclass(slots=True)
class Stretch:
    """Messages and runs, oldest first; `older` says where those before begin."""

    messages: list[Message]
    runs: list[Run]
    older: Mark | None
    steps: dict[str, list[RunStep]] = field(default_factory=dict)
    """By run; a run without tools has none worth asking for."""


async def newest(session: Session) -> Stretch:
    """Return the newest messages: a page of them, or as many as the conversation holds already."""
    conversation = session.conversation
    messages, has_older = await _newest_messages(session)
    if has_older is None:
        has_older = conversation.older is not None
    return await _stretch(session, messages, None, has_older=has_older)


async def before(session: Session, mark: Mark) -> Stretch:
    """Return the page of messages before the mark."""
    page = await session.client.beta.threads.messages.list(
        session.thread_id, order="desc", limit=PAGE, after=mark.message_id
    )
    return await _stretch(session, page.data[::-1], mark, has_older=page.has_next_page())


async def _newest_messages(session: Session) -> tuple[list[Message], bool | None]:
    """Return messages, oldest first, and whether there are older ones; nothing where the conversation knows that."""
    oldest = _oldest(session.conversation) if session.is_current else None
    page = await session.client.beta.threads.messages.list(session.thread_id, order="desc", limit=PAGE)
    found: list[Message] = []
    while True:
        for message in page.data:
            if oldest and message.created_at < oldest.created_at:
                return found[::-1], True
            found.append(message)
            if oldest and message.id == oldest.id:
                return found[::-1], None
        if oldest is None or not page.has_next_page():
            return found[::-1], page.has_next_page()
        page = await page.get_next_page()


def _oldest(conversation: Conversation) -> MessageDraft | None:
    return next((draft for draft in conversation.drafts if isinstance(draft, MessageDraft)), None)


async def _stretch(session: Session, messages: list[Message], mark: Mark | None, *, has_older: bool) -> Stretch:
    after = mark.run_id if mark else ""
    runs = await _runs(session, messages if has_older else [], after)
    older = Mark(messages[0].id, runs[0].id if runs else after) if has_older and messages else None
    stretch = Stretch(messages, runs, older)
    await _read_steps(session, stretch)
    return stretch


async def _runs(session: Session, messages: list[Message], after: str) -> list[Run]:
    """Return the runs of the messages, oldest first, and those in between; all before `after` without messages."""
    authors = {message.run_id for message in messages}
    began_at = messages[0].created_at if messages else -1
    found: list[Run] = []
    newer = {"after": after} if after else None
    runs = session.client.beta.threads.runs
    async for run in runs.list(session.thread_id, order="desc", limit=PAGE, extra_query=newer):
        if run.created_at <= began_at and run.id not in authors:
            break
        found.append(run)
    return found[::-1]


async def _read_steps(session: Session, stretch: Stretch) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def read(run: Run) -> None:
        async with turns:
            stretch.steps[run.id] = await _steps(session, run)

    try:
        async with asyncio.TaskGroup() as tasks:
            for run in stretch.runs:
                if run.tools:
                    tasks.create_task(read(run))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


async def _steps(session: Session, run: Run) -> list[RunStep]:
    """Return the run's steps; once it has ended they do not change."""
    settled = session.conversation.settled_steps
    if run.id in settled:
        return settled[run.id]
    pages = session.client.beta.threads.runs.steps.list(run.id, thread_id=session.thread_id, order="asc", limit=100)
    steps = [step async for step in pages]
    if run.status not in ACTIVE:
        settled[run.id] = steps
    return steps
