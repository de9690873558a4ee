"""A chat session's conversation as the server holds it in memory: what the API listed, and what streams in now."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.playground.chat.lock_memory import LockMemory
from app.playground.chat.notices import remarks
from app.playground.drafts.message import MessageDraft
from app.playground.drafts.step import StepDraft
from app.playground.views.chat import RunView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.connections.types import Run, RunStep
    from app.journal.call_outputs import CallOutput
    from app.playground.drafts.draft import Draft
    from app.playground.files.file_facts import FileFacts
    from app.playground.files.file_uses import Abilities

ACTIVE: Final = frozenset({"queued", "in_progress", "requires_action", "cancelling"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a thread: its first message there, and the first run."""

    message_id: str
    run_id: str


class Conversation:
    """The drafts of one thread in order; `revision` grows with every change, `epoch` when all is replaced."""

    def __init__(self) -> None:
        self.thread_id: str | None = None
        self.assistant_id: str | None = None
        """Whom the chat talks with."""
        self.revision = 0
        self.epoch = 0
        self.signals = 0
        self.runs: dict[str, Run] = {}
        self.names: dict[str, str] = {}
        """The assistants' names by id, as last listed."""
        self.abilities: dict[str, Abilities] = {}
        """What the assistants can do with files, by id."""
        self.files: dict[str, FileFacts] = {}
        """Names and sizes of files that were asked for, by id."""
        self.older: Mark | None = None
        """Where the messages begin that are not read yet."""
        self.watched: set[str] = set()
        """Ids of the runs that a watcher follows."""
        self.own_runs: set[str] = set()
        """Ids of the runs that the page began."""
        self.is_beginning = False
        """Whether a run of the page is being created."""
        self.outputs: dict[str, CallOutput] = {}
        """What is typed or was submitted for function calls, by their ids."""
        self.lock = LockMemory()
        self.followers: dict[str, asyncio.Task[object] | None] = {}
        """The tasks that follow runs, by the runs' ids."""
        self.settled_steps: dict[str, list[RunStep]] = {}
        """The steps of runs that have ended."""
        self._drafts: dict[str, Draft] = {}
        self._revisions: dict[str, int] = {}
        self._changed = asyncio.Event()

    @property
    def drafts(self) -> list[Draft]:
        """All drafts in order."""
        return list(self._drafts.values())

    @property
    def is_loaded(self) -> bool:
        """Whether the thread was read from the API since the server started."""
        return self.thread_id is not None

    @property
    def tokens(self) -> int:
        """Tokens that the thread's runs used."""
        return sum(run.usage.total_tokens for run in self.runs.values() if run.usage)

    @property
    def active_run(self) -> Run | None:
        """The run that locks the thread now."""
        return next((run for run in reversed(self.runs.values()) if run.status in ACTIVE), None)

    @contextmanager
    def beginning(self) -> Iterator[None]:
        """Mark the time in which a run of the page is being created."""
        self.is_beginning = True
        try:
            yield
        finally:
            self.is_beginning = False

    @property
    def active_runs(self) -> frozenset[str]:
        """The ids of the runs that have not ended."""
        return frozenset(run.id for run in self.runs.values() if run.status in ACTIVE)

    def get(self, draft_id: str) -> Draft | None:
        """Return the draft of that id."""
        return self._drafts.get(draft_id)

    def of_run(self, run_id: str) -> list[Draft]:
        """Return the drafts that a run made."""
        return [draft for draft in self._drafts.values() if draft.run_id == run_id]

    def changed_since(self, revision: int) -> list[Draft]:
        """Return the drafts that changed after `revision`."""
        return [draft for draft in self._drafts.values() if self._revisions[draft.id] > revision]

    def put(self, draft: Draft) -> None:
        """Add a draft, or put it in the place of the one with its id."""
        self._drafts[draft.id] = draft
        self.touch(draft.id)

    def touch(self, draft_id: str | None = None) -> None:
        """Say that the draft (or something else) has changed."""
        self.revision += 1
        if draft_id is not None:
            self._revisions[draft_id] = self.revision
        self.wake()

    def renew(self) -> None:
        """Let every page be sent the whole conversation, as when the assistant has another name."""
        self.epoch += 1
        self.touch()

    def set_run(self, run: Run) -> None:
        """Take a run's new state."""
        self.runs[run.id] = run
        shown = {remark.id: remark for remark in remarks(run)}
        for remark in shown.values():
            self.put(remark)
        for remark_id in {f"notice-{run.id}", f"outputs-{run.id}"} - set(shown):
            if self._drafts.pop(remark_id, None):
                self.epoch += 1
        self.touch()

    def remove(self, draft_id: str) -> None:
        """Forget a draft that was deleted, and the steps of a run that has no message left."""
        gone = self._drafts.pop(draft_id, None)
        run_id = gone.run_id if gone else None
        if run_id and not any(isinstance(draft, MessageDraft) for draft in self.of_run(run_id)):
            for draft in self.of_run(run_id):
                self._drafts.pop(draft.id)
        self.renew()

    def replace(self, thread_id: str, drafts: Iterable[Draft], runs: Iterable[Run], older: Mark | None = None) -> None:
        """Take the newest part of the thread as the API lists it; `epoch` grows when that shows anything new."""
        self.thread_id = thread_id
        self.older = older
        self.runs = {run.id: run for run in runs}
        self._drafts = {draft.id: draft for draft in drafts}
        self.revision += 1
        self.epoch += 1
        self._revisions = dict.fromkeys(self._drafts, self.revision)
        self.wake()

    def wake(self) -> None:
        """Wake everybody who waits for a change, in here or in the journal."""
        self.signals += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, signals: int, timeout_seconds: float) -> None:
        """Wait until there are more signals than these, or until the time is over."""
        if self.signals > signals:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()

    def run_view(self) -> RunView:
        """Return the state of the run that is active, or that of no run."""
        run = self.active_run
        if run is None:
            return RunView()
        return RunView(run.status, self._label(run), is_active=True)

    def _label(self, run: Run) -> str:
        match run.status:
            case "queued":
                return "Waiting to start"
            case "cancelling":
                return "Stopping"
            case "requires_action":
                return "Until then the thread is locked"  # Its form says what it waits for.
            case _:
                return self._doing(run.id)

    def _doing(self, run_id: str) -> str:
        last = next(reversed(self.of_run(run_id)), None)
        if isinstance(last, MessageDraft) and not last.is_done:
            return "Writing"
        if isinstance(last, StepDraft) and last.status == "in_progress":
            return last.doing
        return "Thinking"
