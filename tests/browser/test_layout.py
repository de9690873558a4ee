"""The panes are shown, hidden, moved and reset; the layout is kept, and nothing jumps at load."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.playground import Playground


def panes(page: Playground) -> Locator:
    return page.tab.locator("main > .pane")


async def order(page: Playground, *names: str) -> None:
    """Wait until the panes stand in this order, in the document and on the screen."""
    for place, name in enumerate(names):
        await expect(panes(page).nth(place)).to_have_attribute("data-name", name)
    boxes = [box for pane in await panes(page).all() if (box := await pane.bounding_box()) is not None]
    assert [box["x"] for box in boxes] == sorted(box["x"] for box in boxes)
    assert sum(box["width"] for box in boxes) > 1400


async def test_panes_are_hidden_moved_dragged_and_reset(page: Playground) -> None:
    tab = page.tab
    await page.start_with("Math Assist")
    await page.message.fill("Not yet sent")
    menu = tab.locator("#panels > summary")
    await menu.click()
    await tab.get_by_role("checkbox", name="Logs", exact=True).uncheck()
    await expect(page.logs).to_be_hidden()
    await tab.get_by_role("checkbox", name="Setup", exact=True).uncheck()
    await expect(tab.get_by_role("checkbox", name="Chat", exact=True)).to_be_disabled()
    await tab.get_by_role("checkbox", name="Setup", exact=True).check()
    await tab.get_by_role("checkbox", name="Chat", exact=True).uncheck()
    await expect(tab.locator(".pane.setup")).to_be_visible()
    await tab.get_by_role("checkbox", name="Chat", exact=True).check()
    await tab.get_by_role("checkbox", name="Logs", exact=True).check()

    mover = tab.get_by_role("button", name="Move Logs left")
    await mover.focus()
    await tab.keyboard.press("Enter")
    await order(page, "setup", "logs", "chat")
    await expect(mover).to_be_focused()
    await tab.keyboard.press("Enter")
    await tab.keyboard.press("Enter")
    await order(page, "logs", "setup", "chat")
    await tab.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await expect(page.message).to_have_value("Not yet sent")

    head, target = tab.locator(".pane.chat .pane-head h2"), tab.locator(".pane.setup")
    await drag(page, head, target)
    await order(page, "logs", "chat", "setup")
    splitter = tab.get_by_role("separator", name="Width of the logs pane")
    width = int(await splitter.get_attribute("aria-valuenow") or 0)
    await splitter.focus()
    await tab.keyboard.press("ArrowRight")
    await expect(splitter).to_have_attribute("aria-valuenow", str(width + 16))

    await page.reload()
    await order(page, "logs", "chat", "setup")
    assert await tab.locator(".pane.logs").evaluate("(pane) => pane.offsetWidth") == width + 16
    await menu.click()
    await page.button("Reset the layout").click()
    await order(page, "setup", "chat", "logs")
    await expect(tab.get_by_role("separator", name="Width of the logs pane")).to_have_attribute(
        "aria-valuenow", str(width)
    )


async def drag(page: Playground, source: Locator, target: Locator) -> None:
    start, end = await source.bounding_box(), await target.bounding_box()
    assert start
    assert end
    await page.tab.mouse.move(start["x"] + 5, start["y"] + 5)
    await page.tab.mouse.down()
    await page.tab.mouse.move(end["x"] + end["width"] / 2, end["y"] + 100, steps=5)
    await expect(target).to_have_attribute("data-target", "")
    await page.tab.mouse.up()


async def test_the_kept_layout_is_there_before_any_script_runs(page: Playground) -> None:
    cookies = [{"name": "layout", "value": "logs.400:chat:setup.off:logs", "url": page.tab.url}]
    await page.tab.context.add_cookies(cookies)  # type: ignore[arg-type]  # the documented shape
    await page.tab.route("**/app.js*", lambda route: route.abort())
    await page.tab.reload()
    assert await page.tab.locator(".pane.logs").evaluate("(pane) => pane.offsetWidth") == 400
    await expect(page.tab.locator(".pane.setup")).to_be_hidden()
    assert [await pane.get_attribute("data-name") for pane in await panes(page).all()] == ["logs", "chat", "setup"]


async def test_the_top_bar_fits_every_screen(page: Playground) -> None:
    for width in (1440, 1024, 390):
        await page.tab.set_viewport_size({"width": width, "height": 800})
        bar = page.tab.locator(".topbar")
        assert await bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth")
        await expect(page.button("View code")).to_be_visible()
        boxes = [await item.bounding_box() for item in await bar.locator("> *:visible").all()]
        assert all(box and box["x"] + box["width"] <= width for box in boxes)
    await page.tab.locator("#page-menu > summary").click()
    await page.button("Light or dark").click()
    await expect(page.tab.locator("html")).to_have_attribute("data-theme", "dark")
