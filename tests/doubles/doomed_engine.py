"""An engine in a process that will be killed: several runs at once, each writing down every tool call it makes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import anyio

from app.clock import Clock, SystemClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.catalogue import Catalogue
from app.engine.models.port import (
    ChatModel,
    ChatRequest,
    Finished,
    ModelEvent,
    ModelInfo,
    TextDelta,
    ToolCallDelta,
    ToolMessage,
)
from app.engine.store.blobs import Blobs
from app.engine.tools.code_interpreter.port import CellDone, CellEvent, InputFile, Logs
from app.ids import RandomIds
from tests.engine.conversations import CODE, begin, finished

INFO = ModelInfo("scripted", "Script", 8_000)


class SlowModel:
    """Calls the code interpreter twice, then answers; every piece takes a moment."""

    name = "Script"
    info = INFO

    async def models(self) -> list[ModelInfo]:
        """List the model."""
        return [INFO]

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model."""
        return self

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        """Answer in pieces."""
        done = sum(isinstance(message, ToolMessage) for message in request.messages)
        if done < 2:
            yield ToolCallDelta(0, "", "up", "python")
            for piece in ('{"code": "', f"call {done}", '"}'):
                await anyio.sleep(0.003)
                yield ToolCallDelta(0, piece)
            yield Finished("tool_calls")
            return
        for _ in range(8):
            await anyio.sleep(0.003)
            yield TextDelta("word ")
        yield Finished("stop")


class RecordingInterpreter:
    """Appends a line to a file for each cell, before it takes its moment."""

    tier = "namespaces"
    reason = ""

    def __init__(self, record: Path) -> None:
        self._record = record

    async def run_cell(self, thread_id: str, code: str, files: Sequence[InputFile]) -> AsyncGenerator[CellEvent]:
        """Note the cell, wait, say something."""
        with self._record.open("a") as record:
            record.write(f"{thread_id} {code}\n")
        await anyio.sleep(0.005)
        yield Logs("done\n")
        yield CellDone("ok")

    async def close_session(self, thread_id: str, *, delete_files: bool = False) -> None:
        """Do nothing."""


def make_engine(folder: Path, url: str, clock: Clock) -> Engine:
    """Build the engine over the folder's record and the database."""
    return Engine(
        database=Database(url),
        blobs=Blobs(folder / "files"),
        models=Catalogue([SlowModel()]),
        interpreter=RecordingInterpreter(folder / "calls.txt"),
        clock=clock,
        ids=RandomIds(),
    )


def live(folder: str, url: str) -> None:
    """Carry out four runs at once, again and again, until killed."""
    anyio.run(_live, Path(folder), url)


async def _live(folder: Path, url: str) -> None:
    engine = make_engine(folder, url, SystemClock())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        (folder / "ready").touch()
        while True:
            async with anyio.create_task_group() as runs:
                for _ in range(4):
                    runs.start_soon(_one_run, engine)


async def _one_run(engine: Engine) -> None:
    await finished(engine, await begin(engine, tools=[CODE]))
