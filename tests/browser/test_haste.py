"""People in a hurry: double clicks, and typing on while the server is slow."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route, expect

from tests.browser.playground import Playground
from tests.browser.programs import offer_functions

_SLOW_SECONDS = 0.6


async def late(route: Route) -> None:
    await asyncio.sleep(_SLOW_SECONDS)
    await route.continue_()


async def test_what_is_typed_while_a_message_is_sent_stays(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.tab.route("**/messages", late)
    await page.message.fill("!say First")
    await page.message.press("Enter")
    await page.message.fill("The next thought")
    await expect(page.answers.last).to_contain_text("First")
    await page.finished()
    await expect(page.message).to_have_value("The next thought")
    await page.tab.unroute("**/messages")
    await page.button("Add message").click()
    await expect(page.message).to_have_value("")
    await page.reload()
    await expect(page.message).to_have_value("")


async def test_a_double_click_does_it_once(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Once")
    await page.finished()
    await page.tab.route("**/retry", late)
    await page.answers.last.hover()
    await page.answers.last.get_by_label("Run again").dblclick()
    await expect(page.answers).to_have_count(2)
    await expect(page.answers.first.get_by_label("Run again")).to_be_hidden()
    await expect(page.answers.last.get_by_label("Run again")).to_be_visible()
    await page.finished()
    await page.tab.route("**/restart", late)
    await page.open_menu()
    async with page.tab.expect_response("**/restart"):
        await page.button("Restart").dblclick()
    await expect(page.answers).to_have_count(1)
    await page.finished()
    await expect(page.tab.locator("#toasts")).to_be_empty()


async def test_the_last_keystroke_is_kept_however_slow_the_server(page: Playground) -> None:
    await offer_functions(page, "get_weather")
    await page.run("!call get_weather {}\n!say Known.")
    output = page.conversation.get_by_role("textbox", name="Output of get_weather")
    await page.tab.route("**/text", late)
    async with page.tab.expect_request_finished(lambda request: (request.post_data or "").endswith("=1234")):
        await output.press_sequentially("1234", delay=400)
    await page.tab.unroute("**/text")
    await page.reload()
    await expect(output).to_have_value("1234")
