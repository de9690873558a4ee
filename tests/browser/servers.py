"""The whole program and a scripted model, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from openai import AsyncOpenAI

_ROOT = Path(__file__).resolve().parent.parent.parent
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
)


@dataclass(frozen=True, slots=True)
class Server:
    """The running server."""

    port: int
    has_sandbox: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_server(data_dir: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start both, the program with more settings, and wait until it answers and knows its sandbox."""
    model_port, port = _free_port(), _free_port()
    model = ["-m", "uvicorn", "tests.doubles.scripted_model:app", "--port", str(model_port), "--log-level", "warning"]
    program = ["-m", "app", "--port", str(port), "--data-dir", str(data_dir)]
    settings = {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "OPENAI_API_KEY": "scripted",
        "BUILTIN_MODEL": "off",
        "OLLAMA_BASE_URL": "off",
        **(more or {}),
    }
    with _running(model, {}, f"http://127.0.0.1:{model_port}/v1/models"):
        health = f"http://127.0.0.1:{port}/health"
        with _running(program, settings, health):
            yield Server(port, _sandbox_tier(health) not in {"", "unavailable"})


async def forget_assistants(url: str) -> None:
    """Delete the assistants that earlier tests left on a server: a starter would take them up again."""
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key="any") as client:
        async for assistant in client.beta.assistants.list(limit=100):
            await client.beta.assistants.delete(assistant.id)


@contextmanager
def _running(arguments: list[str], settings: dict[str, str], url: str) -> Iterator[None]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    process = subprocess.Popen([sys.executable, *arguments], cwd=_ROOT, env={**environment, **settings})  # noqa: S603
    try:
        _wait_for(url, process)
        yield
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
    """Wait for the sandbox's self-test, which goes on after the start."""
    end = time.monotonic() + _START_SECONDS
    facts: dict[str, str] = {}
    while time.monotonic() < end:
        facts = httpx2.get(health_url, timeout=5, trust_env=False).json()
        if facts["sandbox"] != "unavailable" or "not been" not in facts.get("sandbox_reason", "not been"):
            break
        time.sleep(0.2)
    return facts.get("sandbox", "")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
