"""Runs every attack in one tier and prints a line for each; the exit code says whether all were held.

Usage: python -m tests.engine.tools.code_interpreter.attacks.suite TIER [--user ID] [--quick] … (see --help)
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.engine.tools.code_interpreter import watchdog
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.code_interpreter.port import CellDone, Logs
from app.errors import ToolFailed

from .surroundings import become, link_data
from .table import PRELUDE, QUICK, RESOURCES, Attack
from .world import World

_STRICT = Limits(memory_mb=256, disk_mb=8, files=300, cell_seconds=2.0, grace_seconds=0.7)
_PATIENT = replace(_STRICT, cell_seconds=20.0)  # For what does not take long, on a machine that may.
_WORKS_AGAIN_SECONDS = 20.0
_GONE_SECONDS = 5.0
_CANNOT = 3


@dataclass(frozen=True)
class Ended:
    """What a cell printed, and how it ended."""

    text: str
    done: CellDone

    def in_words(self) -> str:
        lines = self.text.strip().splitlines() or [""]
        said = "".join(letter if letter.isprintable() else "?" for letter in lines[-1][:90])
        return f"{said or 'nothing printed'} [{self.done.outcome}{': ' + self.done.note if self.done.note else ''}]"


def say(interpreter: SandboxedInterpreter, group: str, what: str, words: str) -> None:
    write(f"{interpreter.tier:10} {group:11} {what:44} {words}")


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def run(interpreter: SandboxedInterpreter, thread: str, code: str) -> Ended:
    texts: list[str] = []
    done = CellDone("reset")
    async with aclosing(interpreter.run_cell(thread, code, [])) as events:
        async for event in events:
            if isinstance(event, Logs):
                texts.append(event.text)
            elif isinstance(event, CellDone):
                done = event
    return Ended("".join(texts), done)


async def find_breaches(interpreter: SandboxedInterpreter, world: World, attack: Attack, ended: Ended) -> list[str]:
    """Judge an attack by its effects: secrets seen, damage done, a session that does not work any more."""
    breaches = world.find_damage()
    if world.secret in ended.text or "REACHED" in ended.text:
        breaches.append("it reached what it wanted")
    if ended.done.outcome not in attack.outcomes:
        breaches.append(f"the cell ended as {ended.done.outcome}")
    deadline = time.monotonic() + _WORKS_AGAIN_SECONDS  # A session that lied may be ended a moment later.
    while not (after := await run(interpreter, "thread_attacker", "40 + 2")).text.endswith("42\n"):
        if time.monotonic() > deadline:
            return [*breaches, f"the next cell did not work: {after.in_words()}"]
    return breaches


async def attack_all(interpreter: SandboxedInterpreter, world: World, port: int, attacks: list[Attack]) -> int:
    neighbour = interpreter_folder(world) / "sessions" / "thread_neighbour" / "data" / "private.txt"
    await run(interpreter, "thread_neighbour", f"open('/mnt/data/private.txt', 'w').write({world.secret!r});")
    facts = {
        "server": os.getpid(), "zygote": interpreter.fork_server_pid, "port": port, "abstract": world.abstract,
        "database": str(world.database), "settings": str(world.settings), "neighbour": str(neighbour),
        "sessions": str(neighbour.parents[2]),
    }  # fmt: skip
    prelude = PRELUDE + "\n".join(f"{name} = {value!r}" for name, value in facts.items()) + "\n"
    failed = 0
    for attack in attacks:
        ended = await run(interpreter, "thread_attacker", prelude + attack.code)
        breaches = await find_breaches(interpreter, world, attack, ended)
        failed += bool(breaches)
        words = f"BREACH ({'; '.join(breaches)}) {ended.in_words()}" if breaches else f"held: {ended.in_words()}"
        say(interpreter, attack.group, attack.what, words)
    return failed


async def leave_nobody(interpreter: SandboxedInterpreter) -> int:
    """Close the sessions; return 1 when a process is left below the fork server."""
    await interpreter.close_session("thread_attacker", delete_files=True)
    await interpreter.close_session("thread_neighbour", delete_files=True)
    deadline = time.monotonic() + _GONE_SECONDS
    while (family := watchdog.list_tree(interpreter.fork_server_pid or 0)[1:]) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    words = f"BREACH {len(family)} processes are left" if family else "held: nobody is left"
    say(interpreter, "processes", "outlive the session", words)
    return bool(family)


async def kill_fork_server(interpreter: SandboxedInterpreter) -> int:
    """Kill the fork server in the middle of a cell; return 1 unless the cell is told and the next one works."""
    running = asyncio.create_task(run(interpreter, "thread_attacker", "import time; time.sleep(30)"))
    await asyncio.sleep(0.5)
    os.kill(interpreter.fork_server_pid or 0, signal.SIGKILL)
    told = (await running).done.outcome == "reset"
    works = (await run(interpreter, "thread_attacker", "40 + 2")).text == "42\n"
    words = (
        "held: the cell was told, the next one works" if told and works else "BREACH the fork server was not replaced"
    )
    say(interpreter, "faults", "the fork server is killed", words)
    return not (told and works)


async def die(interpreter: SandboxedInterpreter) -> None:
    """Kill this server in the middle of a cell; the last line names the processes that must end with it."""
    code = "import subprocess\ntry: subprocess.Popen(['sleep', '99'], start_new_session=True)\nexcept OSError: pass"
    async with aclosing(interpreter.run_cell("thread_last", f"{code}\nprint('on')\nwhile True: pass", [])) as events:
        await anext(events)
        write(f"family {' '.join(map(str, watchdog.list_tree(interpreter.fork_server_pid or 0)))}")
        os.kill(os.getpid(), signal.SIGKILL)


def interpreter_folder(world: World) -> Path:
    return world.folder.parent / "work"


@asynccontextmanager
async def opened(options: argparse.Namespace, world: World, limits: Limits) -> AsyncIterator[SandboxedInterpreter]:
    interpreter = SandboxedInterpreter(
        choice=options.tier,
        python=Path(sys.executable),
        work_folder=interpreter_folder(world),
        limits=limits,
        canary=options.canary,
    )
    try:
        yield interpreter
    finally:
        await interpreter.aclose()


async def main(options: argparse.Namespace, folder: Path) -> int:
    world = World(folder)
    with world.listening() as port:
        async with opened(options, world, _PATIENT) as interpreter:
            try:
                await run(interpreter, "thread_attacker", "1")
            except ToolFailed as exc:
                write(f"cannot: {exc.message}")
                return _CANNOT
            failed = await attack_all(interpreter, world, port, QUICK)
            failed += await kill_fork_server(interpreter)
            failed += await leave_nobody(interpreter)
        if not options.quick:
            async with opened(options, world, _STRICT) as interpreter:
                failed += await attack_all(interpreter, world, port, RESOURCES)
                failed += await leave_nobody(interpreter)
        if options.die:
            async with opened(options, world, _PATIENT) as interpreter:
                await die(interpreter)
    return int(failed > 0)


def start(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("tier")
    parser.add_argument("--folder", default="/var/tmp", help="where secrets lie, outside /tmp")  # noqa: S108
    parser.add_argument("--canary", type=Path, help="a file that no session may read")
    parser.add_argument("--user", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--die", action="store_true")
    options = parser.parse_args(arguments)
    link_data()
    if options.user is not None:
        become(options.user)
    with tempfile.TemporaryDirectory(dir=options.folder, ignore_cleanup_errors=True) as folder:
        return asyncio.run(main(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
