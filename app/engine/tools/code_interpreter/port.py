"""The port of the code interpreter: code goes in, what the cell did comes out, piece by piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Outcome = Literal["ok", "error", "timeout", "reset"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to lay into `/mnt/data` before the cell runs; `path` is the blob on the server's disk."""

    file_id: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Logs:
    """Text that the cell printed, or its last expression, or a traceback."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was open when the cell ended, as PNG bytes that were checked by magic and size."""

    name: str
    png: bytes


@dataclass(frozen=True, slots=True)
class FileMade:
    """A file that the cell made or changed in `/mnt/data`: `path` is a copy that the caller moves or deletes."""

    name: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CellDone:
    """The cell's end; `note` is a sentence for the model when the session was reset, else empty."""

    outcome: Outcome
    note: str = ""


CellEvent = Logs | Figure | FileMade | CellDone


class CodeInterpreter(Protocol):
    """Runs cells, one session per thread; state lives between the cells of a session."""

    @property
    def tier(self) -> str:
        """The sandbox tier in force: `namespaces`, `uid`, `landlock`, `wasm`, `unsafe` or `unavailable`."""
        ...

    @property
    def reason(self) -> str:
        """Why the tier is `unavailable`, with one line of remedy; empty otherwise."""
        ...

    def run_cell(self, thread_id: str, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        """Run `code` in the thread's session; the last event is `CellDone`.

        Raises `errors.SandboxUnavailable` (code `sandbox_unavailable`) before any code runs where no tier holds.
        Closing the iterator interrupts the cell.
        """
        ...

    async def close_session(self, thread_id: str, *, delete_files: bool = False) -> None:
        """End the thread's session, if there is one."""
        ...
