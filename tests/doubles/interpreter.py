"""A double of the code interpreter's port: plays back what a test wrote, for the run loop's own tests."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import anyio

from app.engine.tools.code_interpreter.port import CellDone, CellEvent, InputFile
from app.errors import SandboxUnavailable


class ScriptedInterpreter:
    """Plays back the events of each cell, and remembers the code."""

    tier = "namespaces"
    reason = ""

    def __init__(self) -> None:
        self.cells: list[Sequence[CellEvent | float]] = []
        """Events of each cell; a number is a wait in seconds."""
        self.ran: list[str] = []
        self.files: list[str] = []
        self.contents: list[bytes] = []
        self.closed: list[str] = []
        self.is_available = True

    async def run_cell(self, thread_id: str, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        """Play the next cell."""
        if not self.is_available:
            raise SandboxUnavailable("No tier holds here. Allow user namespaces.", code="sandbox_unavailable")
        self.ran.append(code)
        self.files = [file.name for file in files]
        self.contents = [file.path.read_bytes() for file in files]
        for event in self.cells.pop(0):
            if isinstance(event, float):
                await anyio.sleep(event)
            else:
                yield event
        yield CellDone("ok")

    async def close_session(self, thread_id: str, *, delete_files: bool = False) -> None:
        """Remember that the session was closed."""
        self.closed.append(thread_id)
