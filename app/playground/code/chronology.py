"""What happened on a thread, in order: messages that were added, and runs with the outputs that functions gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.connections.types import Message, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.connections.types import RunStep
    from app.playground.session import Session

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Chronology:
    """A thread's messages and runs, oldest first, and the functions' outputs by name."""

    messages: list[Message]
    runs: list[Run]
    outputs: dict[str, list[str]]

    @property
    def attached(self) -> dict[str, list[str]]:
        """Ids of the files that messages brought, by the tool they are for."""
        found: dict[str, list[str]] = {}
        for message in self.messages:
            for attachment in message.attachments or []:
                for tool in attachment.tools or []:
                    found.setdefault(tool.type, []).append(attachment.file_id or "")
        return found

    def happened(self) -> Iterator[Message | Run]:
        """Yield messages that somebody added, and each run where it began."""
        waiting = {run.id: run for run in self.runs}
        spoken = {message.run_id for message in self.messages}
        for message in self.messages:
            silent = [run for run in waiting.values() if run.id not in spoken and run.created_at < message.created_at]
            for run in silent:
                yield waiting.pop(run.id)
            if message.run_id is None:
                yield message
            elif message.run_id in waiting:
                yield waiting.pop(message.run_id)
        yield from waiting.values()


async def read_chronology(session: Session) -> Chronology:
    """Read the session's thread."""
    threads = session.client.beta.threads
    with session.calls():
        messages = [each async for each in threads.messages.list(session.thread_id, order="asc", limit=_PAGE)]
        runs = [each async for each in threads.runs.list(session.thread_id, order="asc", limit=_PAGE)]
    outputs: dict[str, list[str]] = {}
    for run in runs:
        if any(tool.type == "function" for tool in run.tools):
            _collect(await read_steps(session, run), outputs)
    return Chronology(messages, runs, outputs)


async def read_steps(session: Session, run: Run) -> list[RunStep]:
    """Return a run's steps, oldest first."""
    pages = session.client.beta.threads.runs.steps
    with session.calls():
        listed = pages.list(run.id, thread_id=session.thread_id, order="asc", limit=_PAGE)
        return [step async for step in listed]


def _collect(steps: list[RunStep], outputs: dict[str, list[str]]) -> None:
    for step in steps:
        for call in getattr(step.step_details, "tool_calls", None) or []:
            if call.type == "function" and call.function.output is not None:
                outputs.setdefault(call.function.name, []).append(call.function.output)
