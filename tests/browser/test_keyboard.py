"""The main job without a mouse: a starter, its message, Stop, and the sheet, which gives the focus back."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.playground import Playground

_MOST_TABS = 80


async def tab_to(page: Playground, target: Locator) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(_MOST_TABS):
        if await target.evaluate("(element) => element === document.activeElement"):
            return
        await page.tab.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab.")


@pytest.mark.usefixtures("sandbox")
async def test_the_main_job_goes_by_keyboard_alone(page: Playground) -> None:
    keyboard = page.tab.keyboard
    await tab_to(page, page.conversation.get_by_role("button", name="Math Assist"))
    await keyboard.press("Enter")
    await expect(page.message).to_have_value("I need to solve the equation `3x + 11 = 14`. Can you help me?")
    await expect(page.message).to_be_focused()
    await keyboard.press("Enter")
    await expect(page.answers.last).to_contain_text("it holds")
    await page.finished()

    await tab_to(page, page.message)
    await keyboard.type("!slow 0.5")
    await keyboard.press("Shift+Enter")
    await keyboard.type("!say word " + "word " * 40)
    await keyboard.press("Enter")
    await tab_to(page, page.button("Stop"))
    await keyboard.press("Enter")
    await expect(page.conversation.get_by_role("group", name="Stopped")).to_be_visible()

    threads = page.button("Threads")
    await tab_to(page, threads)
    await keyboard.press("Enter")
    sheet = page.tab.get_by_role("dialog", name="Threads")
    await expect(sheet.get_by_role("link").first).to_be_visible()
    await keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(threads).to_be_focused()
