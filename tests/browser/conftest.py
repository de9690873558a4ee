"""A real server with a scripted model, and a real Chromium that fails a test on any error in its console."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Route, async_playwright, expect

from tests.browser.playground import Playground
from tests.browser.servers import Server, forget_assistants, running_server
from tests.browser.team import Team, running_team

_PATIENCE_MILLISECONDS = 20_000
_NETWORK_DOWN = (
    "htmx: htmx:error: Failed to fetch",
    "htmx: htmx:sse:error: network error",
    "htmx: htmx:sse:error: TypeError: Failed to fetch",
    "htmx: htmx:sse:error: Failed to fetch",
)
_HARMLESS = ("Autofocus processing was blocked", "Failed to load resource: ", *_NETWORK_DOWN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the scripted model and the whole program, each in a process of its own."""
    with running_server(tmp_path_factory.mktemp("data")) as server:
        yield server


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
async def context(browser: Browser, pytestconfig: pytest.Config) -> AsyncIterator[BrowserContext]:
    """Open a browser without memory; errors in the console of any of its pages fail the test."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    late: float = pytestconfig.getoption("--late")
    if late:
        await context.route("**/*", lambda route: _hold_back(route, random.uniform(0, late)))  # noqa: S311  no secret
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
    """Open the page of a first visit, on a server without the assistants of earlier tests."""
    await forget_assistants(server.url)
    playground = Playground(await context.new_page(), server.url)
    await playground.open()
    return playground


@pytest.fixture(scope="session")
async def team(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    """Start a program where people sign in."""
    async with running_team(tmp_path_factory.mktemp("team")) as team:
        yield team


@pytest.fixture
async def team_page(context: BrowserContext, team: Team) -> Playground:
    """Open the page as Jane, who is an owner."""
    await team.sign_in(context)
    playground = Playground(await context.new_page(), team.url)
    await playground.open()
    return playground


@pytest.fixture
def sandbox(server: Server) -> None:
    """Skip a test that runs code where no tier of the sandbox holds."""
    if not server.has_sandbox:
        pytest.skip("No sandbox tier holds on this machine.")


async def _hold_back(route: Route, seconds: float) -> None:
    """Let a request wait: the order of answers changes, and no test may count on a fast server."""
    await asyncio.sleep(seconds)
    with suppress(Error):  # The page left in the meantime.
        await route.continue_()
