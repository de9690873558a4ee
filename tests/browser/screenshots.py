"""Takes pictures of every state of the page, at three sizes, light and dark: `make screenshots`."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.playground import Playground
from tests.browser.servers import running_server
from tests.browser.states import NEED_SANDBOX, STATES, Reach
from tests.browser.team import running_team
from tests.browser.team_states import TEAM_STATES

SIZES: Final = ((1440, 900), (1024, 768), (390, 844))
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_PHONE_WIDTH: Final = 390
_SETTLE_SECONDS: Final = 0.3
_PATIENCE_MILLISECONDS: Final = 20_000


async def main(folder: Path, wanted: list[str]) -> None:
    """Write the pictures into the folder, by state, size and scheme."""
    path = shutil.which("chromium") or sys.exit("Chromium is not installed: run make install-dev.")
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    own = {name: reach for name, reach in STATES.items() if not wanted or name in wanted}
    of_team = {name: reach for name, reach in TEAM_STATES.items() if not wanted or name in wanted}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if own:
            await _take_own(browser, folder, own)
        if of_team:
            await _take_team(browser, folder, of_team)
        await browser.close()


async def _take_own(browser: Browser, folder: Path, states: Mapping[str, Reach]) -> None:
    with tempfile.TemporaryDirectory() as data, running_server(Path(data)) as server:
        for name, reach in states.items():
            if server.has_sandbox or name not in NEED_SANDBOX:
                await _take(await _context(browser), server.url, folder / name, reach)


async def _take_team(browser: Browser, folder: Path, states: Mapping[str, Reach]) -> None:
    with tempfile.TemporaryDirectory() as data:
        async with running_team(Path(data)) as team:
            for name, reach in states.items():
                context = await _context(browser)
                await team.sign_in(context)
                await _take(context, team.url, folder / name, reach)


async def _context(browser: Browser) -> BrowserContext:
    width, height = SIZES[0]
    return await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")


async def _take(context: BrowserContext, url: str, stem: Path, reach: Reach) -> None:
    """Reach the state once, in a wide window, and take it at every size."""
    page = Playground(await context.new_page(), url)
    await page.open()
    await reach(page)
    for width, height in SIZES:
        await page.tab.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            await page.tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await _take_panes(page.tab, f"{stem}-{width}-{scheme}", width)
    await context.close()
    print(stem.name, flush=True)  # noqa: T201  A command tells how far it is.


async def _take_panes(tab: Page, stem: str, width: int) -> None:
    """Take the window; where it holds one pane at a time, take each."""
    has_panes = width == _PHONE_WIDTH and await tab.locator(".pane-switch").count()
    names = ("chat", "setup", "logs") if has_panes and not await tab.locator("dialog[open]").count() else ("",)
    for name in names:
        if name:
            await tab.locator(f".pane-switch [data-show={name}]").click()
        await asyncio.sleep(_SETTLE_SECONDS)
        await tab.screenshot(path=f"{stem}{'-' + name if name else ''}.png")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
