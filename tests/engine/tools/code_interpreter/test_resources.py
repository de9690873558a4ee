"""Cells that want too much, and sessions that end in every other way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter import watchdog
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.code_interpreter.machine import free_memory_bytes
from app.engine.tools.code_interpreter.port import InputFile
from app.engine.tools.code_interpreter.slot import MADE_ROOM
from app.settings import ROOT

from .conftest import Cell, RunCell, collect_cell

RESET = "the session was reset: variables are gone, files are kept"


@pytest.fixture(scope="module")
async def patient(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SandboxedInterpreter]:
    """Give cells time enough for the watchdog, however busy the machine is."""
    interpreter = SandboxedInterpreter(
        choice="auto",
        python=Path(sys.executable),
        work_folder=tmp_path_factory.mktemp("patient"),
        limits=Limits(memory_mb=256, disk_mb=8, files=300, cell_seconds=30.0),
    )
    yield interpreter
    await interpreter.aclose()


@pytest.fixture
def run_patiently(patient: SandboxedInterpreter, thread: str) -> RunCell:
    async def run(code: str, *, thread: str = thread, files: Sequence[InputFile] = ()) -> Cell:
        return await collect_cell(patient, code, thread, files)

    return run


async def test_memory_bomb_is_an_error_of_the_cell(run_cell: RunCell) -> None:
    await run_cell("kept = 1")
    cell = await run_cell("block = bytearray(10 ** 10)")
    assert "MemoryError" in cell.text
    assert (await run_cell("kept")).text == "1\n"


async def test_memory_of_many_children_is_summed(run_patiently: RunCell) -> None:
    code = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(30)
time.sleep(30)
"""
    cell = await run_patiently(code)
    assert cell.done.outcome == "reset"
    assert "256 MB of memory" in cell.done.note


async def test_too_much_disk_resets_the_session(run_patiently: RunCell) -> None:
    await run_patiently("open('/mnt/data/keep.txt', 'w').write('kept');")
    code = "import time\nfor n in range(4): open(f'/mnt/data/{n}', 'wb').write(bytes(3_000_000))\ntime.sleep(30)"
    cell = await run_patiently(code)
    assert cell.done.outcome == "reset"
    assert "8 MB" in cell.done.note
    assert (await run_patiently("import os; os.listdir('/mnt/data')")).text == "['keep.txt']\n"


async def test_deleted_files_count_while_they_are_open(run_patiently: RunCell) -> None:
    code = """
import os, time
held = []
for n in range(4):
    f = open('/mnt/data/x', 'wb'); f.write(bytes(3_000_000)); f.flush(); os.unlink('/mnt/data/x'); held.append(f)
time.sleep(30)
"""
    assert (await run_patiently(code)).done.outcome == "reset"


async def test_large_inputs_count_on_top_of_the_limit_also_while_they_are_copied(
    run_patiently: RunCell, tmp_path: Path
) -> None:
    with (tmp_path / "blob").open("wb") as blob:
        blob.truncate(400_000_000)
    cell = await run_patiently(
        "import os; os.path.getsize('large.bin')", files=[InputFile("file-1", "large.bin", tmp_path / "blob")]
    )
    assert (cell.text, cell.done.outcome) == ("400000000\n", "ok")


async def test_too_many_files_reset_the_session(run_patiently: RunCell) -> None:
    code = "import time\nfor n in range(2000): open(f'/mnt/data/{n}', 'w').close()\ntime.sleep(30)"
    cell = await run_patiently(code)
    assert cell.done.outcome == "reset"
    assert (await run_patiently("import os; len(os.listdir('/mnt/data'))")).text == "0\n"


async def test_scratch_space_is_bounded(run_cell: RunCell) -> None:
    cell = await run_cell("for n in range(20): open(f'/tmp/{n}', 'wb').write(bytes(5_000_000))")
    assert "No space left" in cell.text


@pytest.mark.parametrize(
    "code",
    [
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import os; os.closerange(0, 1000)",
        "import os; os.write(3, b'\\xff\\xff\\xff\\xff')",
        "import os; os.write(3, b'\\x00\\x00\\x00\\x05hello')",
        "import os; b = b'[' * 100000; os.write(3, len(b).to_bytes(4, 'big') + b)",
        'import os; b = b\'{"id":99,"event":"done","outcome":"ok"}\'; os.write(3, len(b).to_bytes(4, \'big\') + b)',
        'import os; b = b\'{"id":1,"event":"figure","png":"aGk="}\'; os.write(3, len(b).to_bytes(4, \'big\') + b)',
    ],
)
async def test_a_session_that_dies_or_lies_is_reset(run_cell: RunCell, code: str) -> None:
    cell = await run_cell(code + "\nimport time; time.sleep(1)")
    assert cell.done.outcome == "reset"
    assert cell.done.note == RESET
    assert (await run_cell("40 + 2")).text == "42\n"


async def test_a_forked_child_that_returns_does_not_answer(run_cell: RunCell) -> None:
    cell = await run_cell("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0); print('parent')")
    assert cell.text.split() == ["parent"]
    assert (await run_cell("1")).text == "1\n"


async def test_closing_a_session_takes_its_daemons_with_it(
    run_cell: RunCell, interpreter: SandboxedInterpreter
) -> None:
    assert interpreter.fork_server_pid is not None
    code = "import subprocess\nfor _ in range(3): subprocess.Popen(['sleep', '77'], start_new_session=True)"
    before = set(watchdog.list_tree(interpreter.fork_server_pid))
    await run_cell(code, thread="thread_daemons")
    family = set(watchdog.list_tree(interpreter.fork_server_pid)) - before
    assert len(family) == 5
    await interpreter.close_session("thread_daemons", delete_files=True)
    assert [pid for pid in family if is_running(pid)] == []


async def test_fork_server_is_replaced_when_it_dies(run_cell: RunCell, interpreter: SandboxedInterpreter) -> None:
    await run_cell("kept = 1")
    running = asyncio.create_task(run_cell("import time; time.sleep(30)"))
    await asyncio.sleep(0.3)
    assert interpreter.fork_server_pid is not None
    os.kill(interpreter.fork_server_pid, signal.SIGKILL)
    cell = await running
    assert (cell.done.outcome, cell.done.note) == ("reset", RESET)
    assert (await run_cell("1 + 1")).text == "2\n"


async def test_oldest_idle_session_makes_room_and_idle_ones_close(tmp_path: Path) -> None:
    limits = Limits(live_sessions=2, idle_seconds=0.6)
    interpreter = SandboxedInterpreter(choice="auto", python=Path(sys.executable), work_folder=tmp_path, limits=limits)
    try:
        for name in ("a", "b", "c"):
            await collect_cell(interpreter, "x = 1", f"thread_{name}")
        assert (await collect_cell(interpreter, "x", "thread_c")).text == "1\n"
        closed = await collect_cell(interpreter, "'x' in globals()", "thread_a")
        assert (closed.text, closed.done.note) == ("False\n", MADE_ROOM)
        await asyncio.sleep(1.2)
        stale = await collect_cell(interpreter, "'x' in globals()", "thread_c")
        assert stale.text == "False\n"
        assert "age or idleness" in stale.done.note
    finally:
        await interpreter.aclose()


async def test_the_oldest_idle_session_makes_room_when_memory_is_short(tmp_path: Path) -> None:
    limits = Limits(least_free_mb=10**9)
    interpreter = SandboxedInterpreter(choice="auto", python=Path(sys.executable), work_folder=tmp_path, limits=limits)
    try:
        await collect_cell(interpreter, "x = 1", "thread_a")
        assert (await collect_cell(interpreter, "x = 2; print(x)", "thread_b")).text == "2\n"
        closed = await collect_cell(interpreter, "'x' in globals()", "thread_a")
        assert (closed.text, closed.done.note) == ("False\n", MADE_ROOM)
    finally:
        await interpreter.aclose()


def test_free_memory_is_read_from_the_machine() -> None:
    assert 1_000_000 < free_memory_bytes() < 10**14


SERVER = """
import asyncio, os, sys
from pathlib import Path
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter

async def main():
    interpreter = SandboxedInterpreter(choice="auto", python=Path(sys.argv[1]), work_folder=Path(sys.argv[2]))
    code = "import subprocess\\nsubprocess.Popen(['sleep', '99'], start_new_session=True)\\nprint(1)\\nwhile True: pass"
    async for event in interpreter.run_cell("thread_x", code, []):
        print(interpreter.fork_server_pid, flush=True)

asyncio.run(main())
"""


async def test_nothing_is_left_when_the_server_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, sys.executable, str(tmp_path)]
    server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    fork_server = int(await asyncio.wait_for(server.stdout.readline(), 30))
    family = watchdog.list_tree(fork_server)
    assert len(family) >= 4
    server.kill()
    await server.wait()
    await asyncio.sleep(0.9)
    assert [pid for pid in family if is_running(pid)] == []


def is_running(pid: int) -> bool:
    """Say whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
