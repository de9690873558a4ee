"""What runs cost, by the price table that the server was given."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.playground import Playground


async def test_runs_and_threads_say_what_they_cost(page: Playground) -> None:
    tokens, run_ends = page.tab.locator("#tokens"), page.conversation.locator(".run-end")
    await page.start_with("Math Assist")
    await expect(tokens).to_have_text("0 tokens")
    await page.run("!say One")
    await page.finished()
    await expect(tokens).to_have_text("160 tokens · €0.00056")
    await expect(tokens).to_have_attribute(
        "title", "Tokens used by the runs of this thread, and what they cost by the price table"
    )
    await page.run("!say Two")
    await page.finished()
    await expect(tokens).to_have_text("320 tokens · €0.00112")
    await expect(run_ends).to_have_count(2)
    await expect(run_ends.last).to_contain_text("€0.00056")
    await expect(run_ends.last.get_by_title("By the price table, for scripted-model")).to_be_visible()
    await page.reload()
    await expect(tokens).to_have_text("320 tokens · €0.00112")
    await page.button("New chat").click()
    await page.live()
    await expect(tokens).to_have_text("0 tokens")
