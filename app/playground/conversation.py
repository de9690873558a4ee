"""A chat session's conversation as the server holds it in memory: what the API listed, and what streams in now."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from app.playground.drafts.message import MessageDraft
from app.playground.drafts.notice import Notice
from app.playground.drafts.search_call import SearchCall
from app.playground.drafts.step import StepDraft
from app.playground.views.chat import NoticeView, RunView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.connections.types import Run, RunStep
    from app.playground.drafts.draft import Draft
    from app.playground.file_facts import FileFacts
    from app.playground.file_uses import Abilities

ACTIVE: Final = frozenset({"queued", "in_progress", "requires_action", "cancelling"})


class Conversation:
    """The drafts of one thread in order; `revision` grows with every change, `epoch` when all is replaced."""

    def __init__(self) -> None:
        self.thread_id: str | None = None
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
        self.watched: set[str] = set()
        """Ids of the runs that a watcher follows."""
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

    def set_run(self, run: Run) -> None:
        """Take a run's new state."""
        self.runs[run.id] = run
        notice = run_notice(run)
        if notice is not None:
            self.put(notice)
        elif self._drafts.pop(f"notice-{run.id}", None):
            self.epoch += 1
        self.touch()

    def replace(self, thread_id: str, drafts: Iterable[Draft], runs: Iterable[Run]) -> None:
        """Take the whole thread as the API lists it; `epoch` grows when that shows anything new."""
        self.thread_id = thread_id
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
                return "Waiting for the output of a function"
            case _:
                return self._doing(run.id)

    def _doing(self, run_id: str) -> str:
        last = next(reversed(self.of_run(run_id)), None)
        if isinstance(last, MessageDraft) and not last.is_done:
            return "Writing"
        if isinstance(last, StepDraft) and last.status == "in_progress":
            is_search = isinstance(next(iter(last.calls.values()), None), SearchCall)
            return "Searching files" if is_search else "Running code"
        return "Thinking"


def run_notice(run: Run) -> Notice | None:
    """Return what the conversation says about a run that did not complete, or that waits for a program."""
    shown = _notice(run)
    return Notice(shown, run.id) if shown else None


def _notice(run: Run) -> NoticeView | None:
    notice_id = f"notice-{run.id}"
    match run.status:
        case "failed":
            reason = run.last_error.message if run.last_error else "The service gave no reason."
            code = run.last_error.code if run.last_error else ""
            return NoticeView(notice_id, "The run failed", reason, _next_step(code))
        case "expired":
            return NoticeView(notice_id, "The run expired", "It took longer than a run may.", "Run it again.", "warn")
        case "incomplete":
            reason = (run.incomplete_details and run.incomplete_details.reason) or "a limit"
            text = f"It reached its limit ({reason.replace('_', ' ')})."
            return NoticeView(notice_id, "The answer is incomplete", text, "", "warn", "triangle-alert")
        case "cancelled":
            return NoticeView(notice_id, "Stopped", tone="", icon="circle-slash")
        case "requires_action":
            text = "Submit it through the API, or stop the run."
            return NoticeView(notice_id, "The run waits for the output of a function", text, "", "warn", "clock")
        case _:
            return None


def _next_step(code: str) -> str:
    match code:
        case "rate_limit_exceeded":
            return "Wait a moment, then choose Add and run with an empty message box, or choose another deployment."
        case "invalid_prompt":
            return "Change the message or the instructions, then run it again."
        case _:
            return (
                "To try again, choose Add and run with an empty message box, or choose another deployment in the setup."
            )
