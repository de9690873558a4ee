"""Having a document read by a process of its own, which is confined to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import IO, Any

import anyio
from anyio import to_thread
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from app.engine.tools.file_search.chunking import Chunk
from app.errors import InvalidRequest
from app.settings import ROOT
from app.wire.vector_stores import StaticChunks

_READ_SECONDS = 900.0
_TRIAL_SECONDS = 20.0
_LINE_BYTES = 4 * 1024 * 1024


async def read_chunks(path: Path, filename: str, chunking: StaticChunks) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a document; raises `InvalidRequest` whose code says why it can't be read."""
    # The environment stays outside: it holds keys, and the process reads what strangers wrote.
    # The document goes in as an open file: its reader may open no other.
    with await to_thread.run_sync(path.open, "rb") as document:
        process = await _start(_command(filename, chunking), stdin=document)
    try:
        async with aclosing(_lines(process)) as lines:
            async for line in lines:
                yield line
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.aclose()


async def try_confinement(canary: Path) -> list[str]:
    """Start a reader that attacks its confinement; return a sentence for each thing that it could do or that it lacks.

    `canary` is the absolute path of a file of the server's.
    """
    process = await _start(["confinement_trial", str(canary)], stdin=subprocess.DEVNULL)
    assert process.stdout is not None
    async with process:
        with anyio.fail_after(_TRIAL_SECONDS):
            line = await BufferedByteReceiveStream(process.stdout).receive_until(b"\n", _LINE_BYTES)
    found = json.loads(line)
    return [*found["missing"], *found["holes"]]


async def _start(command: list[str], stdin: int | IO[Any]) -> Process:
    module = f"app.engine.tools.file_search.{command[0]}"
    return await anyio.open_process(
        [sys.executable, "-m", module, *command[1:]],
        cwd=ROOT,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=stdin,
        stderr=subprocess.DEVNULL,
    )


def _command(filename: str, chunking: StaticChunks) -> list[str]:
    size, overlap = str(chunking.max_chunk_size_tokens), str(chunking.chunk_overlap_tokens)
    return ["read_document", filename, size, overlap]


async def _lines(process: Process) -> AsyncGenerator[Chunk]:
    assert process.stdout is not None
    stream = BufferedByteReceiveStream(process.stdout)
    deadline = anyio.current_time() + _READ_SECONDS
    while True:
        try:
            with anyio.fail_after(deadline - anyio.current_time()):
                line = json.loads(await stream.receive_until(b"\n", _LINE_BYTES))
        except TimeoutError as exc:
            raise InvalidRequest(
                f"Reading the file takes longer than {_READ_SECONDS:.0f} s.", code="invalid_file"
            ) from exc
        except (anyio.IncompleteRead, anyio.DelimiterNotFound) as exc:
            raise InvalidRequest(
                "Reading the file took too much memory or time and was stopped.", code="invalid_file"
            ) from exc
        if "error" in line:
            raise InvalidRequest(line["error"]["message"], code=line["error"]["code"])
        if "done" in line:
            return
        yield Chunk(line["text"], line["page"])
