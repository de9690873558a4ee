"""Tests of the model's process, with a real process that stands in for the model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import psutil
import pytest

from app.engine.models.builtin.chatml import Turn
from app.engine.models.builtin.completion import Completer, Completion
from app.engine.models.builtin.process import ModelProcess, serve_command
from app.errors import UpstreamFailed
from app.settings import ROOT
from tests.engine.models.builtin.conftest import StandIn

ASK = Completion((Turn("user", "Hello"),), max_tokens=5, opening="Well")

PARENT = """
import sys, anyio
from app.engine.models.builtin.process import ModelProcess

async def main():
    process = ModelProcess(lambda: sys.argv[1:], idle_seconds=60)
    async with process.use():
        print(process._process.pid, flush=True)
        await anyio.sleep(60)

anyio.run(main)
"""


async def text_of(completer: Completer) -> str:
    return "".join([piece.text async for piece in completer.stream(ASK)])


def children(stand_in: StandIn) -> list[psutil.Process]:
    """Return the stand-ins of this test that live; other tests of the same process have children too."""
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in living if stand_in.command[-1] in child.cmdline()]


async def is_unloaded(process: ModelProcess) -> None:
    with anyio.fail_after(5):
        while process.is_loaded:  # A process that ends tells nobody.
            await anyio.sleep(0.01)


async def test_process_is_loaded_on_first_use(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will("Good morning")
    assert not process.is_loaded

    async with process.use() as completer:
        text = await text_of(completer)

    assert (text, process.is_loaded) == ("Good morning", True)


async def test_process_stays_loaded_between_uses(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will("one", "two")

    async with process.use() as first:
        await text_of(first)
    async with process.use() as second:
        assert await text_of(second) == "two"

    assert len(children(stand_in)) == 1


async def test_key_is_not_on_the_command_line(process: ModelProcess, stand_in: StandIn) -> None:
    async with process.use():
        (child,) = children(stand_in)

        assert child.cmdline() == stand_in.command


async def test_process_that_died_is_started_again(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will("one", "two")
    async with process.use() as completer:
        await text_of(completer)
    children(stand_in)[0].kill()
    await is_unloaded(process)

    async with process.use() as completer:
        assert await text_of(completer) == "two"


async def test_process_that_dies_while_it_answers_fails_the_request_only(
    process: ModelProcess, stand_in: StandIn
) -> None:
    stand_in.will({"text": "The answ", "die": True}, "again")
    with pytest.raises(UpstreamFailed, match="stopped answering") as failure:
        async with process.use() as completer:
            await text_of(completer)

    async with process.use() as completer:
        assert await text_of(completer) == "again"
    assert failure.value.code == "server_error"


async def test_refused_prompt_leaves_the_process_running(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will({"status": 400, "message": "the request exceeds the context"})

    with pytest.raises(UpstreamFailed, match="exceeds the context") as failure:
        async with process.use() as completer:
            await text_of(completer)

    assert (failure.value.code, process.is_loaded) == ("invalid_prompt", True)


async def test_error_in_mid_stream_is_told(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will({"text": "The", "error": "out of memory"})

    with pytest.raises(UpstreamFailed, match="out of memory"):
        async with process.use() as completer:
            await text_of(completer)


async def test_second_request_waits_for_the_first(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will("one", "two")
    order: list[str] = []

    async def ask(name: str) -> None:
        async with process.use() as completer:
            order.append(f"{name} begins")
            await text_of(completer)
            order.append(f"{name} ends")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, "a")
        tasks.start_soon(ask, "b")

    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_idle_process_is_unloaded(stand_in: StandIn) -> None:
    process = ModelProcess(lambda: stand_in.command, idle_seconds=0.05)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(process.unload_when_idle)
        async with process.use():
            await anyio.sleep(0.2)
            assert process.is_loaded
        await is_unloaded(process)
        tasks.cancel_scope.cancel()

    assert children(stand_in) == []


async def test_other_models_templates_come_from_their_files(stand_in: StandIn) -> None:
    stand_in.will("Good morning")
    process = ModelProcess(lambda: stand_in.command, idle_seconds=60, template="own")

    async with process.use() as completer:
        await text_of(completer)
    await process.close()

    template, completion = stand_in.requests
    assert template == {"messages": [{"role": "user", "content": "Hello"}]}
    assert completion["prompt"] == "[user] Hello [assistant] Well"


async def test_template_that_refuses_the_conversation_is_told(stand_in: StandIn) -> None:
    stand_in.will({"start": "no template"})
    process = ModelProcess(lambda: stand_in.command, idle_seconds=60, template="own")

    with pytest.raises(UpstreamFailed, match="roles must alternate") as failure:
        async with process.use() as completer:
            await text_of(completer)
    await process.close()

    assert failure.value.code == "invalid_prompt"


async def test_process_that_is_never_ready_is_given_up(stand_in: StandIn) -> None:
    stand_in.will({"start": "silent"})
    process = ModelProcess(lambda: stand_in.command, idle_seconds=60, start_seconds=0.3)

    with pytest.raises(UpstreamFailed, match="not ready after"):
        async with process.use():
            pass

    assert children(stand_in) == []


async def test_reason_of_a_failed_start_is_told(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will({"start": "error"})

    with pytest.raises(UpstreamFailed, match="the file is broken"):
        async with process.use():
            pass


async def test_process_that_ends_at_once_is_told() -> None:
    process = ModelProcess(lambda: [sys.executable, "-c", ""], idle_seconds=60)

    with pytest.raises(UpstreamFailed, match="ended at once"):
        async with process.use():
            pass


async def test_missing_file_is_told_by_the_real_server(tmp_path: Path) -> None:
    command = serve_command(tmp_path / "nothing.gguf", context=512, threads=1)
    process = ModelProcess(lambda: command, idle_seconds=60, start_seconds=30)

    with pytest.raises(UpstreamFailed, match="could not be started"):
        async with process.use():
            pass


def test_process_dies_with_its_parent(stand_in: StandIn) -> None:
    with subprocess.Popen(  # noqa: S603  # Our own program.
        [sys.executable, "-c", PARENT, *stand_in.command], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)

    started = time.monotonic()
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - started < 10
        time.sleep(0.02)
