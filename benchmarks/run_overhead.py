"""What the engine adds to a model: a thread, a message and a streamed run of fifty tokens, many times.

The model is scripted and answers at once, in a process of its own; the server is `python -m app` with an empty data
folder. Prints runs a second, the time to the first token over the model's own, the server's CPU time and memory; then
what a slow stream costs the requests beside it, and what a thread of 10,000 messages costs against one of ten.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from beside import measure_long_thread, measure_slow_stream
from raw_client import RawClient
from scripted_model import NAME

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
WARM_UP = 30


@dataclass(frozen=True, slots=True)
class Measured:
    """What one level of concurrency gave."""

    runs_per_second: float
    first_token_ms: float
    slow_first_token_ms: float
    cpu_ms: float
    memory_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--levels", default="1,16,64", help="units at a time, comma separated")
    parser.add_argument("--units", type=int, default=400, help="units at each level")
    options = parser.parse_args()
    levels = [int(level) for level in options.levels.split(",")]
    model_port = free_port()
    with running(["benchmarks/scripted_model.py", "--port", str(model_port)], {}) as model:
        wait_for(f"http://127.0.0.1:{model_port}/v1/models")
        with server(model_port) as (process, port, start_seconds):
            print(f"start to first page   {start_seconds:6.2f} s")
            time.sleep(2)
            print(f"idle memory           {memory_mb(process):6.0f} MB  (with its helpers {family_mb(process):.0f} MB)")
            asyncio.run(measure_all(process, port, model_port, levels, options.units))
        assert model.is_running()


async def measure_all(process: psutil.Process, port: int, model_port: int, levels: list[int], units: int) -> None:
    raw_ms = await model_first_token_ms(model_port)
    print(f"model's own first token {raw_ms:.2f} ms\n")
    print("at a time   runs/s   first token over the model's: median, 95 %   CPU/run   memory")
    assistant = await make_assistant(port)
    await measure(process, port, assistant, 1, WARM_UP)
    for level in levels:
        got = await measure(process, port, assistant, level, units)
        print(
            f"{level:9}  {got.runs_per_second:7.1f}  {got.first_token_ms - raw_ms:26.1f} ms "
            f"{got.slow_first_token_ms - raw_ms:8.1f} ms  {got.cpu_ms:7.2f} ms  {got.memory_mb:5.0f} MB"
        )
    await measure_slow_stream(port, assistant)
    await measure_long_thread(port, assistant)


async def measure(process: psutil.Process, port: int, assistant: str, level: int, units: int) -> Measured:
    """Do `units` units, `level` at a time."""
    left = iter(range(units))
    seconds: list[float] = []

    async def work() -> None:
        client = await RawClient.connect(port)
        seconds.extend([await one_unit(client, assistant) for _ in left])
        client.close()

    cpu, started = cpu_seconds(process), time.perf_counter()
    await asyncio.gather(*(work() for _ in range(level)))
    elapsed, cpu = time.perf_counter() - started, cpu_seconds(process) - cpu
    return Measured(
        runs_per_second=units / elapsed,
        first_token_ms=statistics.median(seconds) * 1000,
        slow_first_token_ms=sorted(seconds)[int(len(seconds) * 0.95)] * 1000,
        cpu_ms=cpu / units * 1000,
        memory_mb=memory_mb(process),
    )


async def one_unit(client: RawClient, assistant: str) -> float:
    thread = (await client.post("/v1/threads", {}))["id"]
    await client.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": "Say fifty words."})
    run = {"assistant_id": assistant, "stream": True}
    return await client.stream(f"/v1/threads/{thread}/runs", run, b"event: thread.message.delta")


async def make_assistant(port: int) -> str:
    client = await RawClient.connect(port)
    assistant = await client.post("/v1/assistants", {"model": NAME, "instructions": "Say words."})
    client.close()
    return str(assistant["id"])


async def model_first_token_ms(port: int) -> float:
    client = await RawClient.connect(port)
    body = {"model": NAME, "stream": True, "messages": [{"role": "user", "content": "Say fifty words."}]}
    seconds = [await client.stream("/v1/chat/completions", body, b"word0") for _ in range(WARM_UP)]
    client.close()
    return statistics.median(seconds) * 1000


@contextmanager
def server(model_port: int) -> Iterator[tuple[psutil.Process, int, float]]:
    """Start the server on an empty data folder; yields its process, port and seconds to the first page."""
    port = free_port()
    environment = {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "OPENAI_API_KEY": "benchmark",
        "BUILTIN_MODEL": "off",
        "OLLAMA_BASE_URL": "off",
        "LOG_LEVEL": "warning",
    }
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with running(["-m", "app", "--port", str(port), "--data-dir", folder], environment) as process:
            wait_for(f"http://127.0.0.1:{port}/")
            yield process, port, time.perf_counter() - started


@contextmanager
def running(arguments: list[str], environment: dict[str, str]) -> Iterator[psutil.Process]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=kept | environment)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(url: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  Always http on this machine.
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"No answer from {url} within {START_SECONDS} s.")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def memory_mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def family_mb(process: psutil.Process) -> float:
    """Return the memory of the process and its children; what they share with each other is left out."""
    family = [process, *process.children(recursive=True)]
    return sum(int(member.memory_full_info().uss) for member in family) / 2**20


if __name__ == "__main__":
    main()
