"""In every state the page holds together at each size, and axe finds nothing, light and dark."""

from __future__ import annotations

from typing import Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.playground import Playground
from tests.browser.screenshots import SCHEMES, SIZES
from tests.browser.servers import Server
from tests.browser.states import NEED_SANDBOX, STATES
from tests.browser.team_states import TEAM_STATES


async def _violations(tab: Page, part: str | None) -> list[str]:
    results = await Axe().run(tab, part)
    return [
        f"{each['id']}: {each['help']}: {', '.join(node['html'][:120] for node in each['nodes'])}"
        for each in results.response["violations"]
    ]


_SCHEMES: Final = {1440: SCHEMES, 1024: ("light",), 390: ("dark",)}
"""Colours are the same at every size, so each size need not be looked at in both."""


@pytest.mark.parametrize("name", STATES)
async def test_the_page_holds_together(page: Playground, server: Server, name: str) -> None:
    if name in NEED_SANDBOX and not server.has_sandbox:
        pytest.skip("No sandbox tier holds on this machine.")
    await STATES[name](page)
    assert await _problems(page) == []


@pytest.mark.parametrize("name", TEAM_STATES)
async def test_the_pages_of_a_team_hold_together(team_page: Playground, name: str) -> None:
    await TEAM_STATES[name](team_page)
    has_sheet = await team_page.tab.locator("#sheet[open]").count()
    assert await _problems(team_page, "#sheet" if has_sheet else None) == []


async def _problems(page: Playground, part: str | None = None) -> list[str]:
    """Return what is too wide, and what axe finds: in one part, where other states show the rest of the page."""
    problems: list[str] = []
    for width, height in SIZES:
        await page.tab.set_viewport_size({"width": width, "height": height})
        problems += [f"{width}: {each}" for each in await page.too_wide()]
        for scheme in _SCHEMES[width]:
            await page.tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            problems += [f"{width} {scheme}: {each}" for each in await _violations(page.tab, part)]
    return problems
