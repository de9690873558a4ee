"""Connections in the browser: add one, test it, work on it, move what is there, and be told why one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import Page, expect

from tests.browser.playground import Playground

if TYPE_CHECKING:
    from tests.browser.servers import Server

KEY = "a-key-that-nobody-sees"


async def add(tab: Page, name: str, kind: str, address: str, key: str = "") -> None:
    """Add a connection in the sheet, which is open."""
    await tab.get_by_text("Add a connection").click()
    await tab.get_by_role("radio", name=kind).check(force=True)
    await tab.get_by_label("Name", exact=True).last.fill(name)
    await tab.get_by_label("Address").fill(address)
    await tab.get_by_label("Key", exact=True).fill(key)
    await tab.get_by_role("button", name="Add connection").click()
    await expect(tab.get_by_role("status").filter(has_text=f"'{name}' is added.")).to_be_visible()


async def test_a_connection_is_added_tested_used_and_moved_from(page: Playground, server: Server) -> None:
    tab = page.tab
    resource = tab.get_by_label("Connected resource: Built-in engine")
    await resource.click()
    await tab.get_by_role("button", name="Connections…").click()
    await add(tab, "This server again", "Azure OpenAI", server.url, KEY)
    row = tab.locator(".connection-row").filter(has_text="This server again")
    await row.get_by_role("button", name="Test connection").click()
    await expect(row.locator(".check-line.good")).to_have_count(6)
    await add(tab, "Nowhere", "Other", "http://127.0.0.1:9/v1")
    assert KEY not in await tab.content()
    await tab.get_by_role("button", name="Close").last.click()

    await resource.click()
    await tab.get_by_role("button", name="Nowhere").click()
    await expect(tab.get_by_role("alert").filter(has_text="Nothing listens at 127.0.0.1:9")).to_be_visible()
    await tab.get_by_role("button", name="Close").last.click()

    await resource.click()
    await tab.get_by_role("button", name="This server again").click()
    await expect(tab.get_by_label("Connected resource: This server again")).to_be_visible()
    await page.live()
    await page.start_with("Math Assist")
    await page.run("!say Over the wire")
    await expect(page.answers.last).to_contain_text("Over the wire")

    await tab.get_by_label("Connected resource: This server again").click()
    await tab.get_by_role("button", name="Connections…").click()
    await row.get_by_label("More for This server again").click()
    await row.get_by_role("button", name="Move to the built-in engine…").click()
    await tab.get_by_role("button", name="Move", exact=True).click()
    await expect(tab.get_by_text("The move is done")).to_be_visible()
    await expect(tab.locator(".move-counts")).to_contain_text("moved")
