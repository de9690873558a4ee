"""The whole program and a scripted model, each in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from openai import AsyncOpenAI

_ROOT = Path(__file__).resolve().parent.parent.parent
PRICES = {"currency": "EUR", "models": {"scripted-model": {"input": 2, "output": 8}}}
"""The prices of a million tokens."""
_START_SECONDS = 60.0
_OWN_SETTINGS = (
    "OPENAI_",
    "AZURE_",
    "DEFAULT_MODEL",
    "PLAYGROUND_",
    "DATABASE_URL",
    "BUILTIN_MODEL",
    "SANDBOX",
    "SIGN_IN",
    "PRICES_",
)


@dataclass(frozen=True, slots=True)
class Server:
    """The running server."""

    port: int
    has_sandbox: bool
    data_dir: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_server(data_dir: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start both, the program with more settings, and wait until it answers and knows its sandbox."""
    with running_model() as settings, running_program(data_dir, free_port(), settings | dict(more or {})) as process:
        server = f"http://127.0.0.1:{process.port}"
        yield Server(process.port, _sandbox_tier(f"{server}/health") not in {"", "unavailable"}, data_dir)


@contextmanager
def running_model() -> Iterator[dict[str, str]]:
    """Start the scripted model, and yield the settings of a program that works with it."""
    port = free_port()
    model = ["-m", "uvicorn", "tests.doubles.scripted_model:app", "--port", str(port), "--log-level", "warning"]
    with _running(model, {}, f"http://127.0.0.1:{port}/v1/models"):
        yield {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "OPENAI_API_KEY": "scripted",
            "BUILTIN_MODEL": "off",
            "OLLAMA_BASE_URL": "off",
        }


@dataclass(frozen=True, slots=True)
class Program:
    """The program's process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Take it away at once, without a chance to tidy up."""
        self.process.kill()
        self.process.wait(timeout=20)


@contextmanager
def running_program(data_dir: Path, port: int, settings: dict[str, str]) -> Iterator[Program]:
    """Start the program with a price for the scripted model, and wait until it answers."""
    prices = data_dir / "prices.json"
    prices.write_text(json.dumps(PRICES))
    arguments = ["-m", "app", "--port", str(port), "--data-dir", str(data_dir)]
    with _running(arguments, settings | {"PRICES_FILE": str(prices)}, f"http://127.0.0.1:{port}/health") as process:
        yield Program(port, process)


async def forget_assistants(url: str) -> None:
    """Delete the assistants that earlier tests left on a server: a starter would take them up again."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="any") as client:
        async for assistant in client.beta.assistants.list(limit=100):
            await client.beta.assistants.delete(assistant.id)


@contextmanager
def runs_last(server: Server, seconds: int) -> Iterator[None]:
    """Give the runs that begin inside the block that many seconds instead of ten minutes, by the database itself."""
    with closing(sqlite3.connect(server.data_dir / "playground.db", timeout=20)) as database:
        change = f"UPDATE runs SET expires_at = created_at + {seconds:d} WHERE id = NEW.id"  # noqa: S608  a number
        database.execute(f"CREATE TRIGGER runs_last AFTER INSERT ON runs BEGIN {change}; END")
        try:
            yield
        finally:
            database.execute("DROP TRIGGER runs_last")


@contextmanager
def _running(arguments: list[str], settings: dict[str, str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    process = subprocess.Popen([sys.executable, *arguments], cwd=_ROOT, env={**environment, **settings})  # noqa: S603
    try:
        _wait_for(url, process)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"The server of {url} ended while it started."
        try:
            httpx2.get(url, timeout=1, trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} does not answer.")


def _sandbox_tier(health_url: str) -> str:
    """Wait for the sandbox's self-test, which goes on after the start; strangers to a team are told nothing of it."""
    end = time.monotonic() + _START_SECONDS
    facts: dict[str, str] = {}
    while time.monotonic() < end:
        facts = httpx2.get(health_url, timeout=5, trust_env=False).json()
        if facts["sandbox"] != "unavailable" or "not been tried" not in facts.get("sandbox_reason", ""):
            break
        time.sleep(0.2)
    return facts.get("sandbox", "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
