"""An assistant that searches documents, as tests and screenshots need it."""

from __future__ import annotations

from playwright.async_api import FilePayload, Locator, expect

from tests.browser.playground import Playground

SALES = b"# Sales\n\nProduct 113045 sold 22 units in February.\n"
QUESTION = """How well did it sell?
!call file_search {"queries": ["units in February"]}
!slow 0.1
!say It sold 22 units in February【4:0†sales.md】, and 9 in May【9:9†made up.md】."""


def file(name: str, content: bytes = SALES) -> FilePayload:
    """Return a file to choose."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def sheet(page: Playground) -> Locator:
    """Find the sheet."""
    return page.tab.locator("#sheet")


async def fill_store(page: Playground) -> None:
    """Make a store for a new assistant: one document is read, others fail, each with its reason."""
    await page.tab.get_by_label("Name", exact=True).fill("Librarian")
    await page.button("Choose a vector store").click()
    await sheet(page).get_by_label("Name of a new store").fill("Handbook")
    await sheet(page).get_by_role("button", name="New store").click()
    files = [file("sales.md"), file("broken.pdf", b"%PDF-1.4 no"), file("empty.txt", b""), file("table.csv", b"a,b")]
    await sheet(page).get_by_label("Add files").set_input_files(files)
    rows = sheet(page).get_by_role("list", name="Files in the store").get_by_role("listitem")
    await expect(rows.filter(has_text="sales.md")).to_contain_text("Ready")
    await expect(rows.filter(has_text="broken.pdf")).to_contain_text("The PDF is broken")
    failed = sheet(page).get_by_role("list", name="Uploads").get_by_role("listitem")
    await expect(failed.filter(has_text="empty.txt")).to_contain_text("The file is empty.")
    await expect(failed.filter(has_text="table.csv")).to_contain_text("cannot be searched")


async def try_search(page: Playground) -> None:
    """Search the open store."""
    await sheet(page).get_by_label("Query").fill("units in February")
    await sheet(page).get_by_role("button", name="Search").click()
    await expect(sheet(page).get_by_label("Passage").first).to_contain_text("sold 22 units")


async def save(page: Playground) -> None:
    """Leave the sheet and create the assistant."""
    await page.tab.keyboard.press("Escape")
    await page.button("Create assistant").click()
    await expect(page.button("Save")).to_be_visible()


async def open_found(page: Playground) -> Locator:
    """Unfold the search's step and its first passage; return the step."""
    step = page.conversation.locator("details.step")
    await expect(step).to_contain_text("1 passage found, 1 cited")
    if not await step.get_by_text("1 passage found, 1 cited").is_visible():
        await step.locator(":scope > summary").click()
    await step.locator(".found-passage > summary").click()
    await expect(step.get_by_label("Passage")).to_contain_text("sold 22 units")
    return step
