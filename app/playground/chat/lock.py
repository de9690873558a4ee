"""The lock doctor: which run locks the thread, why, what ends it; also runs that other programs began."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.connections.failures import translated
from app.errors import AppError
from app.playground.chat import transcript
from app.playground.views.lock import LockView
from app.playground.views.log_texts import run_state

if TYPE_CHECKING:
    from app.connections.types import Run
    from app.playground.chat.conversation import Conversation
    from app.playground.playground import Playground
    from app.playground.session import Session

_USUAL: Final = {
    "queued": "It waits to be started, and ends by itself.",
    "cancelling": "It was told to stop, and ends when what it does at the moment has ended.",
}
_SLOW: Final = {
    "queued": "It is still not started. The service may be busy with other runs, or stopped.",
    "in_progress": "It has worked for a while. Long answers and code may take minutes.",
    "cancelling": "It was told to stop, but what it does takes long. Cancelling again has no effect.",
}
_AWAITED: Final = "Its program is to submit an output that it waits for. You can do it here instead."


async def look(playground: Playground, session: Session, *, is_urgent: bool = False) -> None:
    """Look now and then, for open pages, whether another program began a run on the thread."""
    conversation = session.conversation
    is_due = conversation.lock.is_look_due(conversation.revision)
    if not session.is_current or not (is_due or is_urgent):
        return
    memory = conversation.lock
    if conversation.active_run is None and not conversation.is_beginning:
        with suppress(AppError):
            await _find_new_run(playground, session)
    if conversation.active_run is not None and memory.is_slow and not memory.said_slow:
        memory.said_slow = True
        conversation.touch()


async def _find_new_run(playground: Playground, session: Session) -> None:
    """Read the thread again where its newest run is not known; the look itself is not written to the logs."""
    with translated(session.connection):
        page = await session.client.beta.threads.runs.list(session.thread_id, limit=1, order="desc")
    conversation = session.conversation
    if conversation.is_beginning or not session.is_current or all(run.id in conversation.runs for run in page.data):
        return
    await transcript.load(session)
    playground.watchers.resume(session)


def lock_view(conversation: Conversation) -> LockView | None:
    """Return what the page says about the run that locks the thread, if one does."""
    run = conversation.active_run
    if run is None:
        return None
    conversation.lock.see(run.id, run.status)
    is_foreign = run.id not in conversation.own_runs
    is_slow = conversation.lock.is_slow
    age = max(0, int(time.time()) - run.created_at)
    return LockView(
        run_id=run.id,
        state=run_state(run.status),
        title="A run of another program locks this thread" if is_foreign else "This run takes long",
        text=_text(run, is_foreign=is_foreign, is_slow=is_slow),
        created_at=run.created_at,
        age=f"{age // 60}:{age % 60:02}",
        is_alarming=is_foreign or is_slow,
        can_cancel=run.status != "cancelling",
        can_submit=run.status == "requires_action",
    )


def _text(run: Run, *, is_foreign: bool, is_slow: bool) -> str:
    if run.status == "requires_action":
        # What it waits for, and until when, stands in the form that takes it.
        return _AWAITED if is_foreign else "It goes on when you submit what it waits for."
    text = (_SLOW if is_slow else _USUAL).get(run.status, "It works, and ends by itself.")
    if run.expires_at is None or not is_slow:
        return text
    return f"{text} It expires at {datetime.fromtimestamp(run.expires_at).astimezone():%H:%M}."
