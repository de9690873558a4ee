"""The panes: logs, their sizes, small screens and the colour scheme."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.playground import Playground


async def test_panes_are_resized_by_keyboard_and_pointer_and_stay_so(page: Playground) -> None:
    splitter = page.tab.get_by_role("separator", name="Width of the setup pane")
    width = int(await splitter.get_attribute("aria-valuenow") or 0)
    await splitter.focus()
    await page.tab.keyboard.press("ArrowRight")
    await expect(splitter).to_have_attribute("aria-valuenow", str(width + 16))
    box = await splitter.bounding_box()
    assert box is not None
    await page.tab.mouse.move(box["x"], 400)
    await page.tab.mouse.down()
    await page.tab.mouse.move(box["x"] + 40, 400)
    await page.tab.mouse.up()
    await expect(splitter).to_have_attribute("aria-valuenow", str(width + 56))
    await page.reload()
    await expect(splitter).to_have_attribute("aria-valuenow", str(width + 56))


async def test_small_screens_show_two_panes_then_one(page: Playground) -> None:
    await page.tab.set_viewport_size({"width": 1024, "height": 768})
    await expect(page.logs).to_be_hidden()
    await page.button("Logs").click()
    await expect(page.logs).to_be_visible()
    await expect(page.conversation).to_be_visible()
    await page.tab.set_viewport_size({"width": 390, "height": 844})
    await expect(page.conversation).to_be_hidden()
    await page.button("Chat").click()
    await expect(page.conversation).to_be_visible()
    await expect(page.logs).to_be_hidden()


async def test_the_colour_scheme_is_kept(page: Playground) -> None:
    await page.button("Switch between light and dark").click()
    await expect(page.tab.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.tab.locator("html")).to_have_attribute("data-theme", "dark")
