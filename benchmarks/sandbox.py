"""Measures the code interpreter beside ipykernel: boot, session start, first cells, memory of live sessions.

Usage: python benchmarks/sandbox.py [--alone] [sessions …]     (default: 1 10 50)

ipykernel is installed into a temporary environment that sees the sandbox's packages; 50 of its kernels need 5 GB and a
minute. `--alone` leaves it out. SANDBOX names the tier, as for the server.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
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


async def measure_cells(interpreter: SandboxedInterpreter) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in CELLS}
    for number in range(ROUNDS):
        thread = f"thread_round{number}"
        for name, code in CELLS.items():
            times[name].append(await time_cell(interpreter, thread, code))
        await interpreter.close_session(thread, delete_files=True)
    return {name: statistics.median(values) for name, values in times.items()}


async def measure_memory(interpreter: SandboxedInterpreter, count: int) -> float:
    for number in range(count):
        await time_cell(interpreter, f"thread_live{number}", CELLS["first import cell"])
    keepers = watchdog.list_tree(interpreter.fork_server_pid or 0)[1 : count + 1]
    each = sum(own_memory_mb(pid) for pid in keepers) / count
    for number in range(count):
        await interpreter.close_session(f"thread_live{number}", delete_files=True)
    return each


def open_interpreter(folder: str, counts: list[int]) -> SandboxedInterpreter:
    limits = Limits(live_sessions=max(counts) + 1, least_free_mb=0)
    settings = Settings()
    return SandboxedInterpreter(
        choice=settings.sandbox, python=settings.sandbox_python, work_folder=Path(folder), limits=limits
    )


async def measure_boot(interpreter: SandboxedInterpreter, name: str) -> None:
    milliseconds = await time_cell(interpreter, "thread_boot", "1")
    print(f"{name:34} {milliseconds:8.0f} ms    tier {interpreter.tier}")
    await interpreter.close_session("thread_boot", delete_files=True)


async def measure(folder: str, counts: list[int]) -> dict[str, float]:
    """Return the medians of this project's interpreter, by name."""
    cold = open_interpreter(folder, counts)
    await measure_boot(cold, "first boot, building font cache")
    await cold.aclose()
    interpreter = open_interpreter(folder, counts)
    try:
        await measure_boot(interpreter, "boot and self-test")
        figures = await measure_cells(interpreter)
        for count in counts:
            figures[f"memory a session at {count}"] = await measure_memory(interpreter, count)
    finally:
        await interpreter.aclose()
    return figures


def measure_ipykernel(folder: str, counts: list[int]) -> dict[str, float]:
    """Install ipykernel into an environment of its own and return its medians by the same names."""
    home, sandbox = Path(folder) / "ipykernel", Settings().sandbox_python
    subprocess.run([sandbox, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-qq", "ipykernel", "jupyter_client"], check=True)
    ask = [str(sandbox), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    (next(home.glob("lib/python*/site-packages")) / "sandbox.pth").write_text(packages, encoding="utf-8")
    script = Path(__file__).with_name("ipykernel_sessions.py")
    command = [str(python), str(script), *map(str, counts)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def show(ours: dict[str, float], theirs: dict[str, float]) -> None:
    print(f"{'median':34} {'this':>11} {'ipykernel':>14}")
    for name, value in ours.items():
        unit = "MB" if name.startswith("memory") else "ms"
        beside = f"{theirs[name]:11.1f} {unit}" if name in theirs else f"{'-':>14}"
        print(f"{name:34} {value:8.1f} {unit} {beside}")


def main(arguments: list[str]) -> None:
    counts = [int(value) for value in arguments if value.isdigit()] or [1, 10, 50]
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(measure(folder, counts))
        theirs = {} if "--alone" in arguments else measure_ipykernel(folder, counts)
    show(ours, theirs)


if __name__ == "__main__":
    main(sys.argv[1:])
