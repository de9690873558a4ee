"""Files in a real browser: uploads, stores, attachments, citations and the passages behind them."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import FilePayload, Route, expect

from tests.browser.librarian import QUESTION, file, fill_store, open_found, save, sheet, try_search
from tests.browser.playground import Playground

DROP = """([zone, name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    const target = document.querySelector(zone);
    for (const type of ["dragover", "drop"])
        target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""
PASTE = """([name, text]) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([text], name));
    const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
    document.getElementById("message").dispatchEvent(paste);
}"""
UPLOAD = re.compile(r"/attachments\?")
FLASHES = """() => {
    window.flashes = 0;
    const chat = document.getElementById("conversation");
    const unfinished = () => chat.querySelector(".message.assistant:not([data-state=done])")?.textContent ?? "";
    const look = () => { window.flashes += /【/.test(unfinished()); };
    new MutationObserver(look).observe(chat, { subtree: true, childList: true, characterData: true });
}"""


def given(*names: str) -> list[FilePayload]:
    return [file(name) for name in names]


@pytest.fixture
async def librarian(page: Playground) -> Playground:
    """Make a store for a new assistant; its sheet is open."""
    await fill_store(page)
    return page


async def test_a_store_is_filled_tried_and_managed(librarian: Playground) -> None:
    page, inside = librarian, sheet(librarian)
    await try_search(page)
    await page.tab.evaluate(DROP, ["#store", "dropped.md", "Dropped."])
    await expect(inside.get_by_role("link", name="dropped.md")).to_be_visible()
    await inside.get_by_label("More for dropped.md").click()
    await inside.get_by_role("button", name="Remove from the store").click()
    await expect(inside.get_by_role("link", name="dropped.md")).to_have_count(0)
    await inside.get_by_label("More for broken.pdf").click()
    await inside.get_by_role("button", name="Delete the file", exact=True).click()
    await inside.get_by_role("button", name="Delete file", exact=True).click()
    await expect(inside.get_by_role("link", name="broken.pdf")).to_have_count(0)
    await inside.get_by_text("Name, expiry and deletion").click()
    await inside.get_by_label("Name", exact=True).fill("Manual")
    await inside.get_by_label("Expires").select_option("7")
    await inside.get_by_role("button", name="Save the store").click()
    await expect(inside.get_by_role("heading", name="Manual")).to_be_visible()
    await inside.get_by_role("button", name="All stores").click()
    await inside.get_by_label("Find a store").fill("manu")
    await inside.get_by_role("button", name="Use Manual for the assistant").click()
    await expect(inside).to_be_hidden()
    await expect(page.tab.locator("#vector-store")).to_contain_text("Manual")
    await expect(page.tab.get_by_label("File search", exact=True)).to_be_checked()


async def test_an_answer_cites_passages_that_open(librarian: Playground) -> None:
    page = librarian
    await save(page)
    await page.tab.evaluate(FLASHES)
    await page.run(QUESTION)
    mark = page.answers.last.get_by_role("button", name="Source 1: sales.md")
    await expect(mark).to_have_text("1")
    await expect(page.answers.last).to_contain_text("【9:9†made up.md】")
    assert await page.tab.evaluate("window.flashes") == 0, "Only the finished answer may show the invented mark."
    await mark.focus()
    await page.tab.keyboard.press("Enter")
    await expect(sheet(page).get_by_label("Passage")).to_contain_text("sold 22 units")
    await expect(sheet(page).get_by_role("link", name="Download the file")).to_be_visible()
    await page.tab.keyboard.press("Escape")
    await open_found(page)
    activity = page.tab.locator(".activity").filter(has_text="File search")
    await activity.locator("summary").filter(has_text="File search").click()
    await activity.locator(".found-passage > summary").click()
    await expect(activity.get_by_label("Passage")).to_contain_text("sold 22 units")
    await expect(activity).to_contain_text("1 passage found, 1 cited")


async def test_files_come_with_a_message_and_lie_in_the_thread(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.tab.get_by_label("Attach files").set_input_files([file("data.csv", b"a,b\n1,2\n")])
    await page.tab.evaluate(DROP, [".pane.chat", "notes.md", "Remember the milk."])
    await page.tab.evaluate(PASTE, ["pasted.csv", "x,y"])
    chips = page.tab.get_by_role("list", name="Attached files").get_by_role("listitem")
    await expect(chips).to_have_count(3)
    await expect(page.tab.get_by_label("Use notes.md for")).to_have_value("code_interpreter")
    async with page.tab.expect_response(lambda answer: answer.request.method == "PATCH"):
        await page.tab.get_by_label("Use notes.md for").select_option("file_search")
    await page.button("Remove pasted.csv").click()
    await expect(chips).to_have_count(2)
    await page.reload()
    await expect(chips).to_have_count(2)
    await expect(page.tab.get_by_label("Use data.csv for")).to_have_value("code_interpreter")
    await expect(page.tab.get_by_label("Use notes.md for")).to_have_value("file_search")
    await page.message.fill("")
    await page.button("Add message").click()
    await expect(page.tab.locator("#composer-error")).to_contain_text("Write a message to go with the files.")
    await expect(chips).to_have_count(2)
    await page.message.fill("Look at these")
    await page.button("Add message").click()
    message = page.conversation.locator("article.message.user").last
    await expect(message.get_by_role("link", name="data.csv")).to_contain_text("Code interpreter")
    await expect(chips).to_have_count(0)
    await page.button("Files of this thread").click()
    folder = sheet(page).get_by_role("region", name="In the code interpreter's folder")
    await expect(folder.get_by_role("link", name="data.csv")).to_be_visible()
    await expect(sheet(page).get_by_role("region", name="Searched in this thread")).to_contain_text("Ready")
    await folder.get_by_label("More for data.csv").click()
    await folder.get_by_role("button", name="Remove from the folder").click()
    await expect(folder).to_have_count(0)


async def test_an_upload_is_cancelled_refused_and_tried_again(page: Playground) -> None:
    waiting: asyncio.Queue[Route] = asyncio.Queue()
    await page.tab.route(UPLOAD, waiting.put_nowait)
    hostile = "\u202e" + "x" * 180 + "<b>.csv"
    await page.tab.get_by_label("Attach files").set_input_files(given(hostile, "b.csv", "third.csv"))
    rows = page.tab.locator("#attachment-uploads").get_by_role("listitem")
    async with asyncio.timeout(20):
        first, second = await waiting.get(), await waiting.get()
    await page.message.fill("Hello")
    await page.button("Add message").click()
    await expect(rows.first).to_contain_text("Wait until it is here")
    await rows.filter(has_text="third.csv").get_by_role("button", name="Cancel the upload").click()
    await first.abort()
    await expect(rows.first).to_contain_text("The connection broke off.")
    await second.fulfill(status=400, body="Too <b>odd</b>.")
    await expect(rows.last).to_contain_text("Too <b>odd</b>.")
    await page.tab.unroute(UPLOAD)
    await rows.first.get_by_role("button", name="Retry").click()
    await rows.filter(has_text="b.csv").get_by_role("button", name="Retry").click()
    await expect(page.tab.get_by_role("list", name="Attached files").get_by_role("listitem")).to_have_count(2)
    await expect(page.message).to_have_value("Hello")
    assert await page.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_files_for_code_are_kept_with_the_assistant(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.tab.get_by_label("Add files for code").set_input_files([file("table.csv", b"a,b")])
    files = page.tab.get_by_role("list", name="Files for the code interpreter")
    await expect(files.get_by_role("link", name="table.csv")).to_be_visible()
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_visible()
    await page.button("Save").click()
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_hidden()
    await page.reload()
    await files.get_by_role("button", name="Remove table.csv").click()
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_visible()
    await page.button("Save").click()
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_hidden()
    await page.reload()
    await expect(files.get_by_role("listitem")).to_have_count(0)
