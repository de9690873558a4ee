"""Threads: the list, forks, a new beginning, and a thread of a thousand messages."""

from __future__ import annotations

import time

import httpx2
from playwright.async_api import Locator, expect

from tests.browser.playground import Playground
from tests.browser.servers import Server

MOST_SECONDS = 5.0
"""For opening a thread of a thousand messages here, where tests share two cores; alone it takes well under one."""


def made(server: Server, *texts: str) -> str:
    """Make a thread as a program would."""
    body = {"messages": [{"role": "user", "content": text} for text in texts]}
    headers = {"Authorization": "Bearer any"}
    response = httpx2.post(f"{server.url}/v1/threads", json=body, headers=headers, timeout=60, trust_env=False)
    return str(response.json()["id"])


def sheet(page: Playground) -> Locator:
    return page.tab.get_by_role("dialog", name="Threads")


async def test_threads_are_found_renamed_opened_and_deleted(page: Playground, server: Server) -> None:
    thread_id = made(server, "Wombats are marsupials")
    await page.start_with("Math Assist")
    await page.run("!say About wombats")
    await page.finished()
    await page.button("Threads").click()
    await sheet(page).get_by_label("Search titles and messages").fill("wombats are")
    row = sheet(page).get_by_role("listitem")
    await expect(row).to_have_count(1)
    await row.get_by_label("More about Wombats").click()
    await page.tab.keyboard.press("Escape")
    await expect(row.get_by_role("button", name="Rename")).to_be_hidden()
    await row.get_by_label("More about Wombats").click()
    await row.get_by_role("button", name="Rename").click()
    await expect(row.get_by_label("Title")).to_be_focused()
    await row.get_by_label("Title").fill("Burrows")
    await page.tab.keyboard.press("Enter")
    await expect(row).to_contain_text("Burrows")
    await sheet(page).get_by_label("Open by id").fill("thread_none")
    await page.tab.keyboard.press("Enter")
    await expect(sheet(page).get_by_role("alert")).to_contain_text("No thread found")
    await sheet(page).get_by_label("Open by id").fill(thread_id)
    await sheet(page).get_by_role("button", name="Open", exact=True).click()
    await expect(page.conversation).to_contain_text("Wombats are marsupials")
    await page.live()
    await page.button("Threads").click()
    current = sheet(page).get_by_role("listitem").filter(has_text="Shown now")
    await expect(current).to_contain_text("Burrows")
    await current.get_by_label("More about Burrows").click()
    await current.locator("summary", has_text="Delete").click()
    await current.get_by_role("button", name="Yes, delete its messages too").click()
    await expect(page.conversation).not_to_contain_text("Wombats are marsupials")
    await page.live()


async def test_a_fork_leaves_its_origin_and_restart_begins_anew(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say One")
    await page.finished()
    await page.run("!say Two")
    await page.finished()
    address = page.tab.url
    await page.answers.first.hover()
    await page.answers.first.get_by_label("More about this message").click()
    await page.answers.first.get_by_role("button", name="Fork from here").click()
    await page.tab.wait_for_url(lambda url: url != address)
    await page.live()
    await expect(page.answers).to_have_count(1)
    await page.run("!say Else")
    await expect(page.answers.last).to_contain_text("Else")
    await page.finished()
    await page.tab.goto(address)
    await page.live()
    await expect(page.answers.last).to_contain_text("Two")
    before = await page.thread.text_content()
    await page.choose("Restart")
    await expect(page.thread).not_to_have_text(before or "")
    await expect(page.answers).to_have_count(1)
    await expect(page.answers.last).to_contain_text("One")


async def test_a_thousand_messages_open_at_their_end_and_older_ones_come_on_scroll(
    page: Playground, server: Server
) -> None:
    thread_id = made(server, *(f"Number {number} with **some** `words`" for number in range(1000)))
    began = time.monotonic()
    await page.tab.goto(f"{page.tab.url}/threads/{thread_id}")
    await expect(page.conversation.get_by_text("Number 999")).to_be_in_viewport()
    assert time.monotonic() - began < MOST_SECONDS
    await page.live()
    messages = page.conversation.locator("article.message")
    await expect(messages).to_have_count(50)
    await page.tab.get_by_role("region", name="Messages").evaluate("box => { box.scrollTop = 0; }")
    await expect(messages).to_have_count(100)
    await expect(page.conversation.get_by_text("Number 950")).to_be_in_viewport()
    await expect(page.conversation.get_by_text("Number 905")).not_to_be_in_viewport()
    await page.message.fill("One more")
    await page.button("Add message").click()
    await expect(messages).to_have_count(101)
    await messages.last.hover()
    await messages.last.get_by_label("More about this message").click()
    await messages.last.locator("summary", has_text="Delete").click()
    await messages.last.get_by_role("button", name="Yes, delete this message").click()
    await expect(messages).to_have_count(100)
    await expect(messages.first).to_contain_text("Number 900")
