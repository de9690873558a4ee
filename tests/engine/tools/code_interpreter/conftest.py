"""A live code interpreter that the tests of a worker share, and cells as values."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.code_interpreter.port import CellDone, CellEvent, Figure, FileMade, InputFile, Logs
from app.settings import Settings

SANDBOX_PYTHON = Settings().sandbox_python


@dataclass(frozen=True)
class Cell:
    """Everything that one cell gave."""

    events: Sequence[CellEvent]

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Logs))

    @property
    def figures(self) -> list[Figure]:
        return [event for event in self.events if isinstance(event, Figure)]

    @property
    def files(self) -> dict[str, FileMade]:
        return {event.name: event for event in self.events if isinstance(event, FileMade)}

    @property
    def done(self) -> CellDone:
        last = self.events[-1]
        assert isinstance(last, CellDone)
        return last


class RunCell(Protocol):
    async def __call__(self, code: str, *, thread: str = ..., files: Sequence[InputFile] = ...) -> Cell: ...


async def collect_cell(
    interpreter: SandboxedInterpreter, code: str, thread: str, files: Sequence[InputFile] = ()
) -> Cell:
    return Cell([event async for event in interpreter.run_cell(thread, code, files)])


@pytest.fixture(scope="session")
async def interpreter(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SandboxedInterpreter]:
    if not SANDBOX_PYTHON.exists():
        pytest.skip("the sandbox's environment is not installed: make install")
    work_folder = tmp_path_factory.mktemp("sandbox")
    font_cache = SANDBOX_PYTHON.parent.parent / "test-cache"
    font_cache.mkdir(exist_ok=True)
    (work_folder / "cache").symlink_to(font_cache)
    limits = Limits(memory_mb=256, disk_mb=8, files=300, cell_seconds=3.0, grace_seconds=1.0)
    interpreter = SandboxedInterpreter(choice="auto", python=SANDBOX_PYTHON, work_folder=work_folder, limits=limits)
    await interpreter.start()
    yield interpreter
    await interpreter.aclose()


@pytest.fixture
def thread(request: pytest.FixtureRequest) -> str:
    """Return a thread of the test's own."""
    return f"thread_{request.node.name}"


@pytest.fixture
async def run_cell(interpreter: SandboxedInterpreter, thread: str) -> AsyncGenerator[RunCell]:
    own = thread

    async def run(code: str, *, thread: str = own, files: Sequence[InputFile] = ()) -> Cell:
        return await collect_cell(interpreter, code, thread, files)

    yield run
    await interpreter.close_session(own, delete_files=True)


@pytest.fixture
def write_input(tmp_path: Path) -> object:
    def write(name: str, text: str) -> InputFile:
        path = tmp_path / f"blob-{name}"
        path.write_text(text, encoding="utf-8")
        return InputFile(f"file-{name}", name, path)

    return write
