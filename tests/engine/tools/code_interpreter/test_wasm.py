"""The WebAssembly tier, where `make install-wasm` was run: what works in it, and what it holds back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter.folder import Folder
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.jail import frames
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.code_interpreter.replies import Refused, parse_reply
from app.engine.tools.code_interpreter.wasm_runtime import WasmRuntime
from app.settings import ROOT, Settings

from .conftest import Cell, collect_cell

WASM_PYTHON = Settings().sandbox_wasm_python
_LIMITS = Limits(memory_mb=256, disk_mb=8, files=300, cell_seconds=4.0, grace_seconds=1.0)
_MISSING = WasmRuntime(WASM_PYTHON, ROOT, _LIMITS).reason
needs_runtime = pytest.mark.skipif(bool(_MISSING), reason=f"the WebAssembly tier: {_MISSING} (make install-wasm)")
_SECRET = "PLAYGROUND_TEST_SECRET"

REACHES = {
    "a shadow file": "open('/etc/shadow').read()",
    "a password file": "open('/etc/passwd').read()",
    "the server's canary": "open({canary!r}).read()",
    "the folder above": "os.listdir('/mnt/data/..')",
    "a way out by dots": "open('/mnt/data/../inputs.json').read()",
    "another session's file": "open({other!r}).read()",
    "the root folder": "os.listdir('/')",
    "a process's environment": "open('/proc/self/environ').read()",
    "the server's memory": "open('/proc/{server}/mem', 'rb')",
    "a symbolic link to a host's file": "(os.symlink('/etc/passwd', 'link'), open('link').read())",
    "a symbolic link upwards": "(os.symlink('../inputs.json', 'upwards'), open('upwards').read())",
    "a hard link to the library": "os.link('/usr/local/lib/python315.zip', 'library.zip')",
    "a write to the library": "open('/usr/local/lib/python315.zip', 'r+b').write(b'x')",
    "a new file in the system": "open('/new', 'w')",
    "a device": "open('/dev/mem', 'rb')",
    "a fifo": "os.mkfifo('fifo')",
    "a connection to the server": "socket.create_connection(('127.0.0.1', 80), 1)",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))",
    "a local socket": "socket.socket(1).bind('s')",
    "a socket pair": "socket.socketpair()",
    "a name's address": "socket.getaddrinfo('localhost', 80)",
    "a process": "subprocess.run(['true'])",
    "a shell": "os.system('true')",
    "a fork": "os.fork()",
    "another program": "os.execv('/bin/true', ['true'])",
    "a signal to the server": "os.kill({server}, 9)",
    "a signal to everyone": "os.kill(-1, 9)",
    "a thread": "threading.Thread(target=print).start()",
    "the C library": "ctypes.CDLL('libc.so.6').getpid()",
    "another user": "os.setuid(0)",
    "other limits": "__import__('resource').setrlimit(7, (1, 1))",
    "the protocol's descriptor": "[os.write(number, b'x') for number in range(3, 60) if number not in held]",
}  # Each must fail.
_REACH = """
import ctypes, os, socket, subprocess, threading
held = ()
try:
    result = {action}
except BaseException as error:
    print("held:", type(error).__name__, error)
else:
    print("REACHED", repr(result)[:200])
"""


async def _interpreter(work_folder: Path, limits: Limits = _LIMITS) -> AsyncGenerator[SandboxedInterpreter]:
    interpreter = SandboxedInterpreter(
        choice="wasm",
        python=Path(sys.executable),
        work_folder=work_folder,
        limits=limits,
        wasm_python=WASM_PYTHON,
    )
    await interpreter.start()
    yield interpreter
    await interpreter.aclose()


@pytest.fixture(scope="module")
async def machines(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SandboxedInterpreter]:
    """Return an interpreter whose sessions the module's tests share."""
    async for interpreter in _interpreter(tmp_path_factory.mktemp("wasm")):
        yield interpreter


async def run(machines: SandboxedInterpreter, code: str, thread: str = "thread_wasm") -> Cell:
    return await collect_cell(machines, code, thread)


@needs_runtime
async def test_a_session_keeps_its_variables_and_gives_its_files(machines: SandboxedInterpreter) -> None:
    assert (await run(machines, "kept = 6 * 7\nkept", "thread_a")).text == "42\n"
    assert machines.tier == "wasm"
    cell = await run(machines, "open('made.txt', 'w').write(str(kept));", "thread_a")
    assert {name: made.path.read_text() for name, made in cell.files.items()} == {"made.txt": "42"}
    assert "made.txt" not in (await run(machines, "import os; os.listdir('/mnt/data')", "thread_b")).text
    assert "NameError" in (await run(machines, "kept", "thread_b")).text


@needs_runtime
async def test_libraries_figures_and_coroutines_work(tmp_path: Path) -> None:
    code = "import numpy, pandas\nimport matplotlib.pyplot as plt\nplt.plot(numpy.arange(3))\nplt.show()"
    waiting = "import asyncio\nasync def wait(n):\n    await asyncio.sleep(0.01)\n    return n\n"
    async for interpreter in _interpreter(tmp_path, replace(_LIMITS, cell_seconds=60.0)):
        cell = await run(interpreter, code)
        assert (cell.done.outcome, len(cell.figures), cell.text) == ("ok", 1, "")
        assert (await run(interpreter, f"{waiting}await asyncio.gather(wait(1), wait(2))")).text == "[1, 2]\n"


@needs_runtime
async def test_a_traceback_names_the_cells_line(machines: SandboxedInterpreter) -> None:
    cell = await run(machines, "print('before')\n1 / 0")
    assert cell.done.outcome == "error"
    assert cell.text.startswith("before\n")
    assert ", line 2" in cell.text
    assert "ZeroDivisionError" in cell.text


@needs_runtime
@pytest.mark.parametrize("what", REACHES)
async def test_what_is_out_of_reach(machines: SandboxedInterpreter, tmp_path: Path, what: str) -> None:
    canary = tmp_path / "canary"
    canary.write_text("secret")
    other = tmp_path / "other"
    other.write_text("secret")
    action = REACHES[what].format(canary=str(canary), other=str(other), server=os.getpid())
    cell = await run(machines, _REACH.format(action=action))
    assert cell.text.startswith("held:"), cell.text
    assert "secret" not in cell.text


@needs_runtime
async def test_the_servers_environment_is_not_passed_on(
    machines: SandboxedInterpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(_SECRET, "secret")
    await machines.close_session("thread_environment")
    cell = await run(machines, "import os; dict(os.environ)", "thread_environment")
    assert _SECRET not in cell.text
    assert "TMPDIR" in cell.text


@needs_runtime
@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("while True: pass", "did not stop after 4 seconds", id="endless-loop"),
        pytest.param("sum(range(10**12))", "did not stop after 4 seconds", id="long-call"),
        pytest.param("import time; time.sleep(60)", "did not stop after 4 seconds", id="sleep"),
        pytest.param("import os; os._exit(3)", "", id="exit"),
    ],
)
async def test_a_deadline_or_an_exit_resets_the_session(machines: SandboxedInterpreter, code: str, words: str) -> None:
    await run(machines, "kept = 1; open('kept.txt', 'w').write('x');", "thread_reset")
    cell = await run(machines, code, "thread_reset")
    assert cell.done.outcome == "reset"
    assert words in cell.done.note
    assert "the session was reset: variables are gone, files are kept" in cell.done.note
    after = await run(machines, "import os; print('kept' in globals(), os.path.exists('kept.txt'))", "thread_reset")
    assert after.text == "False True\n"


@needs_runtime
async def test_resources_have_limits(machines: SandboxedInterpreter) -> None:
    thread = "thread_limits"
    assert "MemoryError" in (await run(machines, "hoard = [bytearray(1 << 20) for _ in range(1000)]", thread)).text
    printed = await run(machines, "for _ in range(30): print('x' * 100_000)", thread)
    assert "[output cut after 1,048,576 bytes]" in printed.text
    assert len(printed.text) < 1_100_000
    large = await run(machines, "file = open('large', 'wb')\nfor _ in range(20): file.write(bytes(1 << 20))", thread)
    assert large.done.outcome in {"error", "reset"}
    assert all(made.size_bytes <= _LIMITS.disk_bytes for made in large.files.values())
    many = "import time\nfor n in range(5000): open(f'{n}', 'w').close()\ntime.sleep(3)"
    assert "files were removed" in (await run(machines, many, thread)).done.note
    recursion = await run(machines, "def deeper(): return deeper()\ndeeper()", thread)
    assert recursion.done.outcome in {"error", "reset"}


@needs_runtime
async def test_a_lie_about_figures_or_outcomes_harms_only_the_session(machines: SandboxedInterpreter) -> None:
    thread = "thread_lies"
    for lie in (b"f" + bytes(100), b"d" + b"what", b"h" + b"a hole", b"", b"z", b"o" + b"text"):
        await run(machines, f"import _host; _host.call({lie!r})", thread)
        assert (await run(machines, "1 + 1", thread)).text == "2\n"
    assert machines.tier == "wasm"


@needs_runtime
async def test_a_readable_canary_is_a_hole(tmp_path: Path) -> None:
    runtime, folder = WasmRuntime(WASM_PYTHON, tmp_path, _LIMITS), Folder(tmp_path, "thread_x", _LIMITS)
    folder.prepare(own_user=False)
    canary = Path("/usr/local/lib/python315.zip")  # The machine has its own library there.
    ours, theirs = socket.socketpair()
    with ours, Path(os.devnull).open("wb") as output:  # noqa: ASYNC230 - it never blocks.
        with theirs:
            started = runtime.start(folder.path, folder.scratch, canary, theirs.fileno(), output.fileno())
        message = await asyncio.to_thread(frames.read_frame, ours.fileno())
    await asyncio.to_thread(runtime.close)
    os.close(started.pidfd)
    assert message is not None
    assert parse_reply(message) == Refused(("a file of the server was readable",), has_hole=True)


@needs_runtime
async def test_auto_takes_it_where_nothing_better_holds(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(
        choice="auto", python=Path("/bin/false"), work_folder=tmp_path, limits=_LIMITS, wasm_python=WASM_PYTHON
    )
    reason = await interpreter.probe()
    await interpreter.aclose()
    assert (reason, interpreter.tier) == ("", "wasm")
    assert [bool(attempt.reason) for attempt in interpreter.attempts] == [True, True, True, False]


@needs_runtime
async def test_nothing_is_left_of_a_closed_session(tmp_path: Path) -> None:
    async for interpreter in _interpreter(tmp_path):
        assert (await run(interpreter, "1")).text == "1\n"
    assert os.listdir(tmp_path / "machines") == []  # noqa: PTH208 - nothing of it is a path.


_SERVER = """
import asyncio, sys
from pathlib import Path
from app.engine.tools.code_interpreter.wasm_runtime import WasmRuntime
from app.engine.tools.code_interpreter.folder import Folder
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
async def main():
    interpreter = SandboxedInterpreter(
        choice="wasm", python=Path(sys.executable), work_folder=Path(sys.argv[1]), wasm_python=Path(sys.argv[2]))
    async for event in interpreter.run_cell("thread_x", "print('looping', flush=True)\\nwhile True: pass", []):
        print(event, flush=True)
asyncio.run(main())
"""


@needs_runtime
def test_a_killed_server_leaves_no_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SERVER, str(tmp_path), str(WASM_PYTHON)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        assert "looping" in server.stdout.readline()
        assert _processes_on(tmp_path)
        server.send_signal(signal.SIGKILL)
        server.wait(5)
    deadline = time.monotonic() + 1
    while _processes_on(tmp_path):
        assert time.monotonic() < deadline, "a process outlived the server that was killed"
        time.sleep(0.02)


def _processes_on(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if b"jail import wasm" in words and str(folder).encode() in words:
            found.append(entry.parent.name)
    return found


async def test_without_its_runtime_the_tier_is_refused_with_a_remedy(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    interpreter = SandboxedInterpreter(
        choice="wasm", python=Path(sys.executable), work_folder=tmp_path / "work", wasm_python=python
    )
    reason = await interpreter.probe()
    await interpreter.aclose()
    assert "its runtime is not installed" in reason
    assert "make install-wasm" in reason


async def test_a_runtime_that_was_not_compiled_here_is_not_used(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    await asyncio.to_thread(shutil.copy, sys.executable, python)
    assert WasmRuntime(python, tmp_path, _LIMITS).reason == "its runtime has not been compiled"
