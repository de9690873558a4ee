"""Measures ipykernel for `sandbox.py`; runs in a temporary environment that has it.

Usage: python ipykernel_sessions.py COUNT …     prints JSON: figures by name, in milliseconds and megabytes
"""

from __future__ import annotations

import json
import queue
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import (  # type: ignore[import-not-found]  # Only in the temporary environment.
    KernelManager,
    start_new_kernel,
)

CELLS = {
    "first import cell": "import numpy, pandas, matplotlib.pyplot",
    "trivial cell": "1 + 1",
    "figure cell": "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])\nplt.title('squares')\nplt.show()",
    "table cell": "import pandas as pd\npd.DataFrame({'a': range(100)}).describe()",
    "equation cell": "import sympy\nx = sympy.Symbol('x')\nsympy.solve(3 * x + 11 - 14, x)",
}
ROUNDS = 5
SECONDS = 120


def run_cell(client: Any, code: str) -> None:
    """Run a cell and wait until the kernel is idle again."""
    client.execute(code)
    client.get_shell_msg(timeout=SECONDS)
    while True:
        try:
            message = client.get_iopub_msg(timeout=SECONDS)
        except queue.Empty:
            return
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return


def milliseconds(client: Any, code: str) -> float:
    began = time.perf_counter()
    run_cell(client, code)
    return (time.perf_counter() - began) * 1000


def own_memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def start() -> tuple[KernelManager, Any]:
    manager, client = start_new_kernel(startup_timeout=SECONDS)
    return manager, client


def stop(manager: KernelManager, client: Any) -> None:
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def measure_cells() -> dict[str, float]:
    times: dict[str, list[float]] = {"session start and trivial cell": [], **{name: [] for name in CELLS}}
    for _ in range(ROUNDS):
        began = time.perf_counter()
        manager, client = start()
        run_cell(client, "1")
        times["session start and trivial cell"].append((time.perf_counter() - began) * 1000)
        for name, code in CELLS.items():
            times[name].append(milliseconds(client, code))
        stop(manager, client)
    return {name: statistics.median(values) for name, values in times.items()}


def measure_memory(count: int) -> float:
    kernels = [start() for _ in range(count)]
    total = 0.0
    for manager, client in kernels:
        run_cell(client, CELLS["first import cell"])
        provisioner: Any = manager.provisioner
        total += own_memory_mb(provisioner.pid)
    for manager, client in kernels:
        stop(manager, client)
    return total / count


if __name__ == "__main__":
    figures = measure_cells()
    for number in map(int, sys.argv[1:]):
        figures[f"memory a session at {number}"] = measure_memory(number)
    print(json.dumps(figures))
