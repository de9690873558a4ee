"""Measures the code interpreter: boot, session start, first cells, memory of live sessions.

Usage: python benchmarks/sandbox.py [sessions …]     (default: 1 10)
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.engine.tools.code_interpreter import watchdog
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.settings import Settings

CELLS = {
    "session start and trivial cell": "1",
    "first import cell": "import numpy, pandas, matplotlib.pyplot",
    "trivial cell": "1 + 1",
    "figure cell": "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])\nplt.title('squares')\nplt.show()",
    "table cell": "import pandas as pd\npd.DataFrame({'a': range(100)}).describe()",
    "equation cell": "import sympy\nx = sympy.Symbol('x')\nsympy.solve(3 * x + 11 - 14, x)",
}
ROUNDS = 20


async def time_cell(interpreter: SandboxedInterpreter, thread: str, code: str) -> float:
    """Run a cell and return its milliseconds."""
    began = time.perf_counter()
    async for _ in interpreter.run_cell(thread, code, []):
        pass
    return (time.perf_counter() - began) * 1000


def own_memory_mb(pid: int) -> float:
    """Return the memory that only this tree holds: its private pages."""
    total = 0
    for each in watchdog.list_tree(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Private_"):
                total += int(line.split()[1])
    return total / 1024


async def measure_cells(interpreter: SandboxedInterpreter) -> None:
    times: dict[str, list[float]] = {name: [] for name in CELLS}
    for number in range(ROUNDS):
        thread = f"thread_round{number}"
        for name, code in CELLS.items():
            times[name].append(await time_cell(interpreter, thread, code))
        await interpreter.close_session(thread, delete_files=True)
    for name, values in times.items():
        print(f"{name:34} p50 {statistics.median(values):8.1f} ms   max {max(values):8.1f} ms")


async def measure_memory(interpreter: SandboxedInterpreter, count: int) -> None:
    for number in range(count):
        await time_cell(interpreter, f"thread_live{number}", CELLS["first import cell"])
    fork_server = interpreter.fork_server_pid
    if fork_server is None:
        return
    trees = watchdog.list_tree(fork_server)[1 : count + 1]
    each = sum(own_memory_mb(pid) for pid in trees) / count
    print(f"{'memory a session at ' + str(count):34}     {each:8.1f} MB")
    for number in range(count):
        await interpreter.close_session(f"thread_live{number}", delete_files=True)


def open_interpreter(folder: str, counts: list[int]) -> SandboxedInterpreter:
    return SandboxedInterpreter(
        choice="auto",
        python=Settings().sandbox_python,
        work_folder=Path(folder),
        limits=Limits(live_sessions=max(counts)),
    )


async def measure_boot(interpreter: SandboxedInterpreter, name: str) -> None:
    milliseconds = await time_cell(interpreter, "thread_boot", "1")
    print(f"{name:34}     {milliseconds:8.0f} ms              tier {interpreter.tier}")
    await interpreter.close_session("thread_boot", delete_files=True)


async def main(counts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cold = open_interpreter(folder, counts)
        await measure_boot(cold, "first boot, building font cache")
        await cold.aclose()
        interpreter = open_interpreter(folder, counts)
        try:
            await measure_boot(interpreter, "boot and self-test")
            await measure_cells(interpreter)
            for count in counts:
                await measure_memory(interpreter, count)
        finally:
            await interpreter.aclose()


if __name__ == "__main__":
    asyncio.run(main([int(value) for value in sys.argv[1:]] or [1, 10]))
