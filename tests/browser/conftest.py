"""A real server with a scripted model, and a real Chromium that fails a test on any error in its console."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, async_playwright, expect

from tests.browser.playground import Playground

ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 60.0
_PATIENCE_MILLISECONDS = 20_000
_NETWORK_DOWN = (
    "htmx: htmx:sse:error: network error",
    "htmx: htmx:sse:error: TypeError: Failed to fetch",
    "htmx: htmx:sse:error: Failed to fetch",
)
_HARMLESS = ("Autofocus processing was blocked", "Failed to load resource: ", *_NETWORK_DOWN)
_OWN_SETTINGS = ("OPENAI_", "AZURE_", "DEFAULT_MODEL", "PLAYGROUND_", "DATABASE_URL", "BUILTIN_MODEL", "SANDBOX")


@dataclass(frozen=True, slots=True)
class Server:
    """The running server."""

    port: int
    has_sandbox: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the scripted model and the whole program, each in a process of its own."""
    model_port, port = _free_port(), _free_port()
    model = ["-m", "uvicorn", "tests.doubles.scripted_model:app", "--port", str(model_port), "--log-level", "warning"]
    program = ["-m", "app", "--port", str(port), "--data-dir", str(tmp_path_factory.mktemp("data"))]
    settings = {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "OPENAI_API_KEY": "scripted",
        "BUILTIN_MODEL": "off",
        "OLLAMA_BASE_URL": "off",
    }
    with _running(model, {}, f"http://127.0.0.1:{model_port}/v1/models"):
        health = f"http://127.0.0.1:{port}/health"
        with _running(program, settings, health):
            yield Server(port, _sandbox_tier(health) not in {"", "unavailable"})


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed.")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Open a browser without memory; errors in the console of any of its pages fail the test."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_HARMLESS):
            problems.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context
    await context.close()
    assert problems == []


@pytest.fixture
async def page(context: BrowserContext, server: Server) -> Playground:
    """Open the page of a first visit."""
    playground = Playground(await context.new_page(), server.url)
    await playground.open()
    return playground


@pytest.fixture
def sandbox(server: Server) -> None:
    """Skip a test that runs code where no tier of the sandbox holds."""
    if not server.has_sandbox:
        pytest.skip("No sandbox tier holds on this machine.")


@contextmanager
def _running(arguments: list[str], settings: dict[str, str], url: str) -> Iterator[None]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env={**environment, **settings})  # noqa: S603
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
