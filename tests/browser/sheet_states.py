"""States in which a sheet, a menu or a fold of the page is open."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import librarian
from tests.browser.playground import Playground
from tests.browser.programs import offer_functions


async def writing_a_function(page: Playground) -> None:
    """Have a function refused in its editor, with names of functions in the setup behind it."""
    await page.button("Add function").click()
    await page.tab.get_by_role("group", name="Samples").get_by_role("button").first.click()
    sheet = page.tab.locator("#sheet")
    await expect(sheet.get_by_label("Name", exact=True)).not_to_have_value("")
    await sheet.get_by_label("Name", exact=True).fill("get weather")
    await sheet.get_by_role("button", name="Add function").click()
    await expect(sheet.locator("#function-name-error")).not_to_be_empty()


async def setting_the_model(page: Playground) -> None:
    """Open the model settings, with a schema, metadata, a function and a value that is refused."""
    await offer_functions(page, "get_the_weather_of_the_next_days_in_a_place")
    await page.reload()
    await page.tab.get_by_text("Model settings").click()
    await page.tab.get_by_label("Response format").select_option("json_schema")
    await page.button("Add a pair").click()
    await page.tab.get_by_label("Key", exact=True).fill("team")
    await page.tab.get_by_label("Value", exact=True).fill("weather")
    await page.tab.get_by_label("Temperature", exact=True).fill("hot")
    await page.tab.locator("#save-assistant").click()
    await expect(page.tab.locator("#temperature-error")).to_contain_text("Write a number")


async def importing(page: Playground) -> None:
    """Have the import of an assistant refused."""
    await page.tab.get_by_label("More about this assistant").click()
    await page.tab.locator("#setup-head").get_by_text("Import").click()
    sheet = page.tab.locator("#sheet")
    await sheet.get_by_label("Or paste the JSON").fill('{"model": }')
    await sheet.get_by_role("button", name="Fill the form").click()
    await expect(sheet.locator("#definition-error")).not_to_be_empty()


async def importing_a_thread(page: Playground) -> None:
    """Look at the import of a thread."""
    await page.tab.locator("#page-menu > summary").click()
    await page.button("Import a thread…").click()
    await expect(page.tab.get_by_role("dialog", name="Import a thread")).to_be_visible()


async def choosing_an_assistant(page: Playground) -> None:
    """Open the list of assistants, one of them with a long name."""
    await page.tab.get_by_label("Name", exact=True).fill("The assistant with the very long name " * 5)
    await page.button("Create assistant").click()
    await expect(page.button("Save")).to_be_visible()
    await page.tab.locator("#assistant").click()
    await expect(page.tab.get_by_label("Search the assistants", exact=True)).to_be_focused()


async def reading_a_source(page: Playground) -> None:
    """Open the passage behind a citation."""
    await librarian.fill_store(page)
    await librarian.save(page)
    await page.run(librarian.QUESTION)
    await page.finished()
    await page.answers.last.locator("button.source").first.click()
    await expect(page.tab.get_by_role("dialog", name="Source")).to_contain_text("sold 22 units")


async def attaching(page: Playground) -> None:
    """Find the files of a message that is not sent yet after a reload, one with a long name."""
    names = ("sales.csv", f"{'quarterly report ' * 7}.pdf", "photo.png")
    await page.tab.get_by_label("Attach files").set_input_files([librarian.file(name, b"x") for name in names])
    chips = page.tab.get_by_role("list", name="Attached files").get_by_role("listitem")
    await expect(chips).to_have_count(len(names))
    await page.reload()
    await expect(chips).to_have_count(len(names))


async def connecting(page: Playground) -> None:
    """Look at the connections, with the form for a new one."""
    await page.tab.locator("#resource > summary").click()
    await page.button("Connections…").click()
    await page.tab.locator("#sheet summary", has_text="Add a connection").click()
    await expect(page.button("Add connection")).to_be_visible()


async def wiring(page: Playground) -> None:
    """Unfold a call in the logs."""
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    await page.finished()
    await page.show_wire()
    row = page.logs.locator(".log-row", has_text="/runs").last
    await row.locator("summary").first.click()
    await expect(row.get_by_role("button", name="Copy as curl")).to_be_visible()


async def finding_nothing(page: Playground) -> None:
    """Search the logs for what is not there, with the chat's menu open."""
    await page.start_with("Math Assist")
    await page.tab.get_by_label("Filter the logs by text").fill("no such entry")
    await expect(page.tab.get_by_text("No entry matches this filter.")).to_be_visible()
    await page.open_menu()
