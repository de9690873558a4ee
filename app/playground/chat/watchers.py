"""Follows runs on the server, whether or not a page is open, and keeps the conversation up to date."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from typing import TYPE_CHECKING, Final

from app.connections.answers import well_shaped
from app.connections.types import Message, MessageDelta, Run, RunStep, RunStepDelta
from app.errors import AppError
from app.playground.calls import function_calls
from app.playground.chat import transcript
from app.playground.chat.conversation import ACTIVE
from app.playground.drafts.message import MessageDraft, message_draft
from app.playground.drafts.step import StepDraft, step_draft

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from app.connections.types import AssistantStreamEvent, Stream
    from app.journal.call_outputs import CallOutput
    from app.playground.session import Session

_LOG = logging.getLogger(__name__)
_LONGEST_RUN_SECONDS: Final = 3600.0
_BEGIN_SECONDS: Final = 60.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = {False: 3.0, True: 6.0}
"""A run that waits for a program's function may wait for minutes."""


class Watchers:
    """One task for each run that is followed; they end with the server, the runs do not."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._group = tasks
        self._running: set[asyncio.Task[None]] = set()

    async def begin(self, session: Session, assistant_id: str) -> None:
        """Create a run on the session's thread and follow its stream; return once the run exists."""
        with session.calls(), session.conversation.beginning():
            stream = await session.client.beta.threads.runs.create(
                session.thread_id, assistant_id=assistant_id, stream=True, **session.chat.run_options
            )
            begun = asyncio.Event()
            self._start(_follow_stream(session, stream, begun))
            async with asyncio.timeout(_BEGIN_SECONDS):
                await begun.wait()

    async def submit(self, session: Session, run_id: str, outputs: list[CallOutput]) -> None:
        """Submit the outputs that a run waits for, and follow the stream that goes on."""
        stream = await function_calls.submit(session, run_id, outputs)
        _stop_following(session, run_id)
        begun = asyncio.Event()
        self._start(_follow_stream(session, stream, begun, run_id))
        async with asyncio.timeout(_BEGIN_SECONDS):
            await begun.wait()

    async def look_again(self, session: Session, run_id: str) -> None:
        """Read the thread anew, since somebody else has moved the run on."""
        _stop_following(session, run_id)
        session.conversation.watched.discard(run_id)
        await transcript.load(session)
        self.resume(session)

    def resume(self, session: Session) -> None:
        """Follow an active run that nobody watches, as after a restart of the server."""
        run = session.conversation.active_run
        if run is not None and run.id not in session.conversation.watched:
            session.conversation.watched.add(run.id)
            self._start(_follow_by_polling(session, run.id))

    def close(self) -> None:
        """End all watchers."""
        for task in self._running:
            task.cancel()

    def _start(self, watcher: Coroutine[None, None, None]) -> None:
        task = self._group.create_task(_guarded(watcher))
        self._running.add(task)
        task.add_done_callback(self._running.discard)


async def _guarded(watcher: Coroutine[None, None, None]) -> None:
    """Let one watcher's failure end nothing but itself."""
    try:
        await watcher
    except Exception:
        _LOG.exception("A run can no longer be followed.")


async def _follow_stream(
    session: Session, stream: Stream[AssistantStreamEvent], begun: asyncio.Event, run_id: str = ""
) -> None:
    follower = _Follower(session, run_id)
    following: Stream[AssistantStreamEvent] | None = stream
    while following is not None:
        await _read(session, following, follower, begun)
        following = await function_calls.answer_by_mocks(session, follower.run_id)
    if follower.run_id:
        await _finish(session, follower.run_id)


async def _read(
    session: Session, stream: Stream[AssistantStreamEvent], follower: _Follower, begun: asyncio.Event
) -> None:
    try:
        async with asyncio.timeout(_LONGEST_RUN_SECONDS), stream:
            with session.calls():
                events = well_shaped(stream) if session.connection.is_remote else stream
                async for event in events:
                    await follower.take(event)
                    begun.set()
    except (AppError, TimeoutError) as error:
        _LOG.warning("The stream of run %s was cut: %s", follower.run_id, error)
    except Exception:
        _LOG.exception("The stream of run %s could not be read.", follower.run_id)
    finally:
        begun.set()


async def _finish(session: Session, run_id: str) -> None:
    """Follow by polling what the stream did not tell to the end."""
    run = session.conversation.runs.get(run_id)
    if run is None or run.status in ACTIVE:
        await _follow_by_polling(session, run_id, run.status if run else "")
    else:
        session.conversation.watched.discard(run_id)


async def _follow_by_polling(session: Session, run_id: str, status: str = "") -> None:
    session.conversation.followers[run_id] = _this_task()
    try:
        async with asyncio.timeout(_LONGEST_RUN_SECONDS):
            await _poll(session, run_id, status)
    except (AppError, TimeoutError) as error:
        _LOG.warning("Run %s can no longer be followed: %s", run_id, error)
    finally:
        if session.conversation.followers.get(run_id) is _this_task():
            session.conversation.watched.discard(run_id)
    if session.is_current:
        await transcript.load(session)


async def _poll(session: Session, run_id: str, status: str) -> None:
    pause_seconds = _FIRST_PAUSE_SECONDS
    while session.is_current and (status == "" or status in ACTIVE):
        with session.calls():
            run = await session.client.beta.threads.runs.retrieve(run_id, thread_id=session.thread_id)
        if run.status != status:
            await session.record_event(f"thread.run.{run.status}", run.to_dict(), run_id)
            session.conversation.set_run(run)
            await _act_on(session, run)
        status = run.status
        await asyncio.sleep(min(pause_seconds, _seconds_until_expiry(run)))
        pause_seconds = min(_LONGEST_PAUSE_SECONDS[status == "requires_action"], pause_seconds * 1.5)


def _seconds_until_expiry(run: Run) -> float:
    """Return when to look at a run that expires, so that its page does not count down to nothing for long."""
    left = (run.expires_at or math.inf) - time.time()
    return max(_FIRST_PAUSE_SECONDS, left + _FIRST_PAUSE_SECONDS)


async def _act_on(session: Session, run: Run) -> None:
    """Show the calls of a run that waits for outputs, and answer them where mocks do that."""
    if run.status != "requires_action":
        return
    session.conversation.watched.discard(run.id)  # What was not streamed has to be read.
    await transcript.load(session)
    session.conversation.watched.add(run.id)
    stream = await function_calls.answer_by_mocks(session, run.id)
    if stream is not None:
        await _read(session, stream, _Follower(session, run.id), asyncio.Event())


def _stop_following(session: Session, run_id: str) -> None:
    follower = session.conversation.followers.pop(run_id, None)
    if follower is not None:
        follower.cancel()


def _this_task() -> asyncio.Task[object] | None:
    return asyncio.current_task()


class _Follower:
    """Brings the events of one run's stream into the conversation; what is not a delta goes to the journal too."""

    def __init__(self, session: Session, run_id: str = "") -> None:
        self.run_id = run_id
        self._session = session
        self._conversation = session.conversation
        self._steps: dict[str, RunStep] = {}

    async def take(self, event: AssistantStreamEvent) -> None:
        """Take the next event."""
        if not self._session.is_current:
            return
        if event.event == "thread.message.delta":
            self._extend_message(event.data.id, event.data.delta)
        elif event.event == "thread.run.step.delta":
            self._extend_step(event.data.id, event.data.delta)
        else:
            if isinstance(event.data, Run):
                await self._prepare(event.data)
            self._take_object(event.data)
            await self._session.record_event(event.event, event.data.to_dict(), self.run_id or None)

    async def _prepare(self, run: Run) -> None:
        """Claim a run that begins, and fill in the fields of one that waits for outputs."""
        if run.id not in self._conversation.own_runs:
            self._conversation.own_runs.add(run.id)
            await self._session.outputs.claim_run(run.id, self._session.chat.id)
        self._conversation.followers[run.id] = _this_task()
        if run.status == "requires_action":
            await function_calls.fill_in(self._session, run)
            for draft in self._conversation.of_run(run.id):
                self._conversation.touch(draft.id)

    def _take_object(self, data: object) -> None:
        match data:
            case Run():
                self.run_id = data.id
                self._conversation.watched.add(data.id)
                self._conversation.set_run(data)
            case RunStep():
                self._steps[data.id] = data
                self._take_step(data)
            case Message() if data.status != "in_progress" or self._conversation.get(data.id) is None:
                self._take_message(message_draft(data))
            case _:
                pass

    def _take_message(self, draft: MessageDraft) -> None:
        self._conversation.put(draft)
        for step_id, _mark in draft.cited:
            if self._conversation.get(step_id) is not None:
                self._conversation.touch(step_id)  # Its passages show now that they are cited.

    def _take_step(self, step: RunStep) -> None:
        draft = step_draft(step)
        if draft is not None and draft.calls:
            self._conversation.put(draft)

    def _extend_message(self, message_id: str, delta: MessageDelta) -> None:
        draft = self._conversation.get(message_id)
        if isinstance(draft, MessageDraft):
            draft.extend(delta)
            self._conversation.touch(message_id)

    def _extend_step(self, step_id: str, delta: RunStepDelta) -> None:
        draft = self._conversation.get(step_id) or step_draft(self._steps[step_id])
        if isinstance(draft, StepDraft) and draft.extend(delta):
            self._conversation.put(draft)
