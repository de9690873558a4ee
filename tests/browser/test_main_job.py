"""The conversations of the two starters, from the first click to the logs."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.playground import Playground


@pytest.mark.usefixtures("sandbox")
async def test_math_assist_computes_the_solution_and_the_logs_show_its_code(page: Playground) -> None:
    await page.start_with("Math Assist")
    await expect(page.message).to_have_value("I need to solve the equation `3x + 11 = 14`. Can you help me?")
    await page.button("Add and run").click()
    await expect(page.answers.last.locator("strong")).to_have_text("x = 1")
    await expect(page.answers.last.locator("math").first).to_be_visible()
    await page.logs.locator("summary", has_text="Code interpreter").click()
    step = page.logs.get_by_role("listitem").filter(has_text="Code interpreter").last
    await expect(step).to_contain_text("solve(Eq(3 * x + 11, 14), x)")
    await expect(step).to_contain_text("x = 1")
    await page.finished()
    await expect(page.tab.locator("#tokens")).to_have_text("320 tokens · €0.00112")


@pytest.mark.usefixtures("sandbox")
async def test_it_shows_the_code_on_request(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("Show me the code you ran to get this solution.")
    await expect(page.answers.last.locator("pre")).to_contain_text("from sympy import symbols")


@pytest.mark.usefixtures("sandbox")
async def test_data_visualization_draws_a_plot_that_opens_large_and_downloads(page: Playground) -> None:
    await page.start_with("Data Visualization")
    await page.button("Add and run").click()
    plot = page.answers.last.get_by_role("button", name="Open the image large")
    await expect(plot).to_be_visible()
    await expect(plot.get_by_role("img")).to_have_js_property("complete", value=True)
    await page.finished()
    await plot.click()
    dialog = page.tab.get_by_role("dialog", name="Image")
    async with page.tab.expect_download() as download:
        await dialog.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"\x89PNG")
    await page.tab.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


@pytest.mark.usefixtures("sandbox")
async def test_a_file_that_code_wrote_downloads_through_its_sandbox_link(page: Playground) -> None:
    await page.start_with("Math Assist")
    code = '!code open("/mnt/data/sales.csv", "w").write("region,sales\\n")'
    await page.run(f"{code}\n!say Here: [sales.csv](sandbox:/mnt/data/sales.csv)")
    await page.finished()
    link = page.answers.last.get_by_role("link", name="sales.csv").last
    async with page.tab.expect_download() as download:
        await link.click()
    assert (await (await download.value).path()).read_text() == "region,sales\n"


async def test_the_keyboard_is_enough(page: Playground) -> None:
    await page.conversation.get_by_role("button", name="Math Assist").focus()
    await page.tab.keyboard.press("Enter")
    await expect(page.message).to_be_focused()
    await page.tab.keyboard.press("Control+A")
    await page.tab.keyboard.type("First line")
    await page.tab.keyboard.press("Shift+Enter")
    await page.tab.keyboard.type("second line")
    await page.tab.keyboard.press("Enter")
    await expect(page.answers.last).to_contain_text("You said: First line second line")
    await expect(page.message).to_be_focused()
