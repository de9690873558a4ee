"""Attacks from inside a cell, judged by what they reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.jail import system
from app.engine.tools.code_interpreter.jail.syscalls import NUMBERS
from app.settings import ROOT

from .conftest import RunCell

ATTEMPT = """
def attempt(action):
    try:
        result = action()
    except BaseException as error:
        print("failed:", type(error).__name__, getattr(error, "errno", ""))
    else:
        print("REACHED", repr(result)[:200])
"""


async def attack(run_cell: RunCell, *actions: str) -> str:
    """Try each action in one cell and return what was printed, one line an action."""
    lines = [
        ATTEMPT,
        "import os, socket, ctypes, signal, pathlib, subprocess",
        "libc = ctypes.CDLL(None, use_errno=True)",
    ]
    lines += [f"attempt(lambda: {action})" for action in actions]
    cell = await run_cell("\n".join(lines))
    assert len(cell.text.splitlines()) == len(actions), cell.text
    return cell.text


async def test_files_of_the_host_cannot_be_read(
    run_cell: RunCell, tmp_path: Path, interpreter: SandboxedInterpreter
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    secret.chmod(0o644)
    paths = ["/etc/shadow", str(secret), f"{ROOT}/app/settings.py", f"/proc/self/root{secret}", "/.old/etc/passwd"]
    text = await attack(run_cell, *(f"open({path!r}).read()" for path in paths))
    assert "REACHED" not in text


async def test_only_the_jails_own_user_is_known(run_cell: RunCell) -> None:
    cell = await run_cell("print(open('/etc/passwd').read())")
    assert cell.text.strip() == "sandbox:x:1000:1000::/home/sandbox:/bin/sh"


async def test_another_sessions_files_cannot_be_read(run_cell: RunCell, interpreter: SandboxedInterpreter) -> None:
    await run_cell("open('/mnt/data/private.txt', 'w').write('mine');", thread="thread_neighbour")
    find = "find /mnt /tmp /home /root /proc -name private.txt 2>/dev/null"
    cell = await run_cell(f"import subprocess\nprint(subprocess.getoutput({find!r}))")
    await interpreter.close_session("thread_neighbour", delete_files=True)
    assert cell.text.strip() == ""


async def test_the_system_cannot_be_written(run_cell: RunCell) -> None:
    paths = [
        "/x",
        "/usr/x",
        "/etc/x",
        "/dev/x",
        "/mnt/x",
        "/proc/self/oom_score_adj",
        str(ROOT / ".venv-sandbox" / "x"),
    ]
    text = await attack(
        run_cell, *(f"open({path!r}, 'w').write('1')" for path in paths), "os.chmod('/usr/bin/env', 0o777)"
    )
    assert "REACHED" not in text


async def test_the_servers_secrets_are_in_no_environment(run_cell: RunCell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-canary")
    code = (
        "import glob, os\nfor p in glob.glob('/proc/*/environ'):\n    print(p, open(p, 'rb').read())\nprint(os.environ)"
    )
    cell = await run_cell(code)
    assert "secret" not in cell.text
    assert "PATH" in cell.text


async def test_other_processes_are_out_of_reach(run_cell: RunCell) -> None:
    server = os.getpid()
    text = await attack(
        run_cell,
        f"os.kill({server}, 9)",
        f"open('/proc/{server}/environ').read()",
        "open('/proc/1/mem', 'r+b').read(1)",
        "os.readlink('/proc/1/root')",
        f"os.setpriority(os.PRIO_PROCESS, {server}, 19) or 'reniced'",
        "libc.ptrace(16, 1, 0, 0) and os.strerror(1/0)",
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_NPROC, (9999, 9999)) or 'raised'",
        f"__import__('resource').prlimit({server}, 7, (1, 1))",
    )
    assert "REACHED" not in text
    assert os.getpriority(os.PRIO_PROCESS, 0) < 19


async def test_killing_everything_hurts_the_session_only(run_cell: RunCell) -> None:
    await run_cell("import os, signal\nos.kill(-1, signal.SIGKILL)")
    assert (await run_cell("1")).done.outcome == "ok"


async def test_no_descriptor_of_the_server_is_inherited(run_cell: RunCell) -> None:
    code = """
import os
for name in os.listdir('/proc/self/fd'):
    try:
        print(name, os.readlink('/proc/self/fd/' + name))
    except FileNotFoundError:
        pass
"""
    cell = await run_cell(code)
    ends = sorted(line.split(":")[0] for line in cell.text.splitlines())
    assert ends == ["0 /dev/null", "1 pipe", "2 pipe", "3 socket"]


async def test_the_network_is_closed(run_cell: RunCell) -> None:
    families = [f"socket.socket({family}, {kind})" for family in (1, 2, 10, 16, 17, 38, 40) for kind in (1, 2, 3)]
    text = await attack(
        run_cell,
        *families,
        "socket.create_connection(('127.0.0.1', 8000), 1)",
        "socket.getaddrinfo('example.com', 80)",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "__import__('urllib.request').request.urlopen('http://example.com', timeout=1)",
    )
    assert "REACHED" not in text


DIRECT_CALLS = {
    "bpf": "0, 0, 0", "keyctl": "0, 0", "io_uring_setup": "8, 0", "perf_event_open": "0, 0, -1, -1, 0",
    "userfaultfd": "0", "memfd_create": "b'x', 0", "unshare": "0x10000000", "clone": "0x10000011, 0, 0, 0, 0",
    "chroot": "b'/tmp'", "pivot_root": "b'/tmp', b'/tmp'", "setns": "3, 0", "process_vm_readv": "1, 0, 0, 0, 0, 0",
}  # fmt: skip
LIBRARY_CALLS = [
    "mount(b'none', b'/tmp', b'tmpfs', 0, None)", "umount2(b'/proc', 2)", "setuid(0)", "shmget(0, 4096, 0o1777)",
    "personality(0x400000)", "symlink(b'/etc/shadow', b'/mnt/data/link')", "mkfifo(b'/mnt/data/fifo', 0o600)",
    "ptrace(0, 0, 0, 0)", "syscall(435, 0, 0)",
]  # fmt: skip


def direct(name: str, arguments: str) -> str:
    return f"syscall({NUMBERS[name][system.is_arm()]}, {arguments})"


@pytest.mark.parametrize(
    "call", [*LIBRARY_CALLS, *(direct(name, arguments) for name, arguments in DIRECT_CALLS.items())]
)
async def test_dangerous_system_calls_fail(run_cell: RunCell, call: str) -> None:
    cell = await run_cell(f"import ctypes\nlibc = ctypes.CDLL(None)\nprint(libc.{call})", thread="thread_calls")
    assert cell.text == "-1\n"


@pytest.mark.skipif(system.is_arm(), reason="x32 belongs to x86-64")
async def test_the_x32_table_kills_the_session(run_cell: RunCell) -> None:
    cell = await run_cell("import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 39)")
    assert cell.done.outcome == "reset"


async def test_setuid_programs_and_own_programs_gain_nothing(run_cell: RunCell) -> None:
    code = (
        "import shutil, os, subprocess\nshutil.copy('/bin/echo', '/mnt/data/echo')\nos.chmod('/mnt/data/echo', 0o755)"
    )
    text = await attack(
        run_cell,
        "subprocess.run(['su', '-c', 'id'], check=True, capture_output=True)",
        f"exec({code!r})",
        "subprocess.run(['/mnt/data/echo'], check=True)",
    )
    assert text.splitlines()[0].startswith("failed")
    assert text.splitlines()[2] == "failed: PermissionError 13"


async def test_capabilities_are_gone_and_the_filter_is_on(run_cell: RunCell) -> None:
    cell = await run_cell("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in cell.text.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
