"""How the page feels in Chromium: `python -m benchmarks.page`, from the project's folder, on a quiet machine.

Prints medians in milliseconds: from the request to a page that answers; from a key to its letter on the screen, at rest
and while an answer of 8 KB streams; from the request to the newest message of a thread of 1,000; to the rows of a log
of 10,000 entries. The ratio of the two typing figures is what does not depend on the machine.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.playground import Playground
from tests.browser.servers import Server, running_server

REPEATS = 5
KEYS = 60
MESSAGES = 1_000
CALLS = 5_000
"""Each makes two entries: a call that changes something, and one that reads."""

_WATCH_TYPING = """() => {
    window.delays = [];
    document.getElementById("message").addEventListener("keydown", (event) => {
        requestAnimationFrame(() => setTimeout(() => window.delays.push(performance.now() - event.timeStamp)));
    });
}"""
STREAM = "!slow 0.02\n!say " + "An answer of eight kilobytes comes word by word, with **bold** and `code`. " * 110


async def main() -> None:
    path = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as data, running_server(Path(data)) as server:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            await opening(browser, server)
            await typing(browser, server)
            await long_thread(browser, server)
            await long_log(browser, server)
            await browser.close()


async def opening(browser: Browser, server: Server) -> None:
    taken = [await timed(browser, server.url, lambda tab: expect(tab.locator("body[data-bus]")).to_be_attached())
             for _ in range(REPEATS)]  # fmt: skip
    print(f"first page until its stream is there: {statistics.median(taken):.0f} ms")


async def typing(browser: Browser, server: Server) -> None:
    page = Playground(await browser.new_page(), server.url)
    await page.open()
    await page.start_with("Math Assist")
    rest = await type_keys(page)
    await page.message.fill(STREAM)
    await page.button("Add and run").click()
    await expect(page.answers.last).to_contain_text("word by word")
    streaming = await type_keys(page)
    print(f"key to screen at rest: {rest:.1f} ms; while 8 KB stream: {streaming:.1f} ms ({streaming / rest:.1f} times)")
    await page.tab.close()


async def type_keys(page: Playground) -> float:
    await page.tab.evaluate(_WATCH_TYPING)
    await page.message.click()
    await page.message.press_sequentially("x" * KEYS, delay=30)
    delays: list[float] = await page.tab.evaluate("() => window.delays")
    return statistics.median(delays)


async def long_thread(browser: Browser, server: Server) -> None:
    with httpx2.Client(base_url=f"{server.url}/v1", headers={"api-key": "any"}, trust_env=False) as client:
        thread_id = client.post("/threads", json={}).json()["id"]
        for number in range(MESSAGES):
            client.post(f"/threads/{thread_id}/messages", json={"role": "user", "content": f"Message {number}"})
    page = await open_thread(browser, server, thread_id)
    newest = f"Message {MESSAGES - 1}"
    taken = [await timed(browser, page, lambda tab: expect(tab.get_by_text(newest, exact=True)).to_be_visible())
             for _ in range(REPEATS)]  # fmt: skip
    print(f"thread of {MESSAGES:,} messages until the newest is there: {statistics.median(taken):.0f} ms")


async def open_thread(browser: Browser, server: Server, thread_id: str) -> str:
    page = Playground(await browser.new_page(), server.url)
    await page.open()
    await page.tab.goto(f"{page.tab.url}/threads/{thread_id}")
    url = page.tab.url
    await page.tab.close()
    return url


async def long_log(browser: Browser, server: Server) -> None:
    with httpx2.Client(base_url=f"{server.url}/v1", headers={"api-key": "any"}, trust_env=False) as client:
        thread_id = client.post("/threads", json={}).json()["id"]
        for number in range(CALLS):
            client.post(f"/threads/{thread_id}", json={"metadata": {"number": str(number)}})
            client.get(f"/threads/{thread_id}")
    await asyncio.sleep(3)
    page = Playground(await browser.new_page(), server.url)
    await page.open()
    await page.tab.get_by_text("Wire", exact=True).click()
    began = time.perf_counter()
    await page.tab.get_by_label("Whose entries").select_option("all")
    await expect(page.logs.locator("li").nth(150)).to_be_attached()
    shown = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    await page.tab.get_by_label("Filter the logs by text").fill(str(CALLS // 2))
    await expect(page.logs.locator("li")).not_to_have_count(0)
    filtered = (time.perf_counter() - began) * 1000
    print(f"log of {2 * CALLS:,} entries: shown after {shown:.0f} ms, filtered after {filtered:.0f} ms")
    await page.tab.close()


async def timed(browser: Browser, url: str, is_there: Callable[[Page], Awaitable[None]]) -> float:
    """Open the address in a new browser profile, and return the milliseconds until it is there."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    tab = await context.new_page()
    began = time.perf_counter()
    await tab.goto(url, wait_until="commit")
    await is_there(tab)
    taken = (time.perf_counter() - began) * 1000
    await context.close()
    return taken


if __name__ == "__main__":
    asyncio.run(main())
