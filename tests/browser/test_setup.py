"""The setup pane in a browser: choosing, unsaved changes, functions, JSON fields, import and export."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.playground import Playground

_CHANGE_BY_THE_STREAM = 'document.getElementById("bus").dispatchEvent(new Event("change", { bubbles: true }));'
_CHANGE_BEFORE_THE_FIRST_LOOK = (
    f'document.getElementById("setup-form").removeAttribute("data-dirty"); {_CHANGE_BY_THE_STREAM}'
)


def field(page: Playground, label: str) -> Locator:
    return page.tab.get_by_label(label, exact=True)


def assistant(page: Playground) -> Locator:
    return page.tab.locator("#assistant")


async def more(page: Playground, item: str) -> None:
    """Choose from the pane's menu."""
    await page.tab.get_by_label("More about this assistant").click()
    await page.tab.locator("#setup-head").get_by_text(item).click()


async def saved(page: Playground) -> None:
    await page.tab.locator("#save-assistant").click()
    await expect(page.tab.locator(".when-saved")).to_contain_text("Saved")
    await expect(page.tab.locator(".when-saved")).to_be_visible()


async def unsaved(page: Playground) -> None:
    await expect(page.tab.locator(".when-unsaved")).to_be_visible()


async def clean(page: Playground) -> None:
    await expect(page.tab.locator(".when-unsaved")).to_be_hidden()


async def test_an_assistant_is_created_changed_found_copied_and_deleted(page: Playground) -> None:
    await field(page, "Name").fill("Pirate")
    await page.button("Create assistant").click()
    await expect(page.button("Save")).to_be_visible()
    await more(page, "New assistant")
    await expect(assistant(page)).to_have_text("New assistant")
    await field(page, "Name").fill("Parrot")
    await saved(page)
    await assistant(page).click()
    search = field(page, "Search the assistants")
    await expect(search).to_be_focused()
    await expect(page.tab.get_by_role("button", name="Parrot scripted-model")).to_be_visible()
    await search.fill("nobody here")
    await expect(page.tab.get_by_text("No assistant matches.")).to_be_visible()
    await search.fill("pIrA")
    await expect(page.tab.get_by_role("button", name="Parrot scripted-model")).to_be_hidden()
    await expect(page.tab.get_by_role("button", name="Pirate scripted-model")).to_be_visible()
    await page.tab.keyboard.press("ArrowDown")
    await page.tab.keyboard.press("ArrowDown")
    await page.tab.keyboard.press("Enter")
    await expect(field(page, "Name")).to_have_value("Pirate")
    await more(page, "Duplicate")
    await expect(field(page, "Name")).to_have_value("Pirate copy")
    await unsaved(page)
    await page.tab.evaluate(_CHANGE_BEFORE_THE_FIRST_LOOK)
    await unsaved(page)
    await saved(page)
    await more(page, "Delete assistant…")
    await page.tab.get_by_role("dialog").get_by_role("button", name="Delete assistant").click()
    await expect(assistant(page)).to_have_text("New assistant")
    await assistant(page).click()
    await expect(page.tab.get_by_role("button", name="Pirate copy")).to_have_count(0)


async def test_unsaved_changes_are_told_truthfully_and_not_lost_without_asking(page: Playground) -> None:
    await page.start_with("Math Assist")
    name = field(page, "Name")
    await clean(page)
    await name.fill("Half typed")
    await unsaved(page)
    await more(page, "New assistant")
    await page.button("Keep editing").click()
    await expect(name).to_have_value("Half typed")
    await name.fill("Math Assist")
    await clean(page)
    await page.tab.get_by_text("Model settings").click()
    await field(page, "Temperature").fill("hot")
    await page.tab.locator("#save-assistant").press("Enter")
    await expect(page.tab.locator("#temperature-error")).to_contain_text("Write a number from 0 to 2")
    await expect(field(page, "Temperature")).to_have_value("hot")
    await expect(field(page, "Temperature")).to_be_focused()
    await unsaved(page)
    await field(page, "Temperature").fill("1")
    await clean(page)
    await page.button("Add a pair").click()
    await clean(page)
    await field(page, "Key").fill("team")
    await unsaved(page)
    await page.button("Remove this pair").click()
    await clean(page)
    await name.fill("Lost")
    await more(page, "New assistant")
    await page.button("Discard changes").click()
    await expect(name).to_have_value("")
    await clean(page)


async def test_fields_count_grow_fill_and_stay_in_step(page: Playground) -> None:
    instructions = field(page, "Instructions")
    await instructions.fill("Aye 🏴")
    await expect(page.tab.locator("#instructions-count")).to_have_text("5")
    await field(page, "Edit the instructions full screen").click()
    box = await instructions.bounding_box()
    assert box is not None
    assert box["width"] > 1000
    await instructions.press("End")
    await page.tab.keyboard.type("!")
    await page.tab.keyboard.press("Escape")
    await expect(instructions).to_have_value("Aye 🏴!")
    await page.button("Show the deployments").click()
    await field(page, "Search the deployments").fill("scripted")
    await page.tab.keyboard.press("Enter")
    await expect(field(page, "Deployment")).to_have_value("scripted-model")
    await field(page, "Deployment").fill("my-own-name")
    await page.tab.get_by_text("Model settings").click()
    await field(page, "Temperature, as a slider").fill("0.4")
    await expect(field(page, "Temperature")).to_have_value("0.4")
    await field(page, "Reasoning effort").select_option("low")
    await expect(page.tab.locator("#settings-summary")).to_have_text("temperature 0.4 · low effort")
    await page.answer_late("**/assistant/settings")
    await field(page, "Temperature, as a slider").fill("0.5")
    await field(page, "Reasoning effort").select_option("high")
    await expect(page.tab.locator("#settings-summary")).to_have_text("temperature 0.5 · high effort")
    await field(page, "Response format").select_option("json_schema")
    await field(page, "Name and schema").fill('{"name": "answer", "schema": ')
    await expect(page.tab.locator("#response_schema-error")).to_contain_text("Line 1, column")
    await field(page, "Name and schema").fill('{"name": "answer", "schema": {"type": "object"}}')
    await expect(page.tab.locator("#response_schema-error")).to_be_empty()
    await saved(page)
    await expect(page.tab.locator("#deployment-hint")).to_contain_text("Not offered here")
    await expect(field(page, "Temperature")).to_be_visible()
    await page.reload()
    await expect(field(page, "Deployment")).to_have_value("my-own-name")
    await clean(page)


async def test_functions_are_written_with_help_and_saved_with_the_assistant(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.button("Add function").click()
    await page.button("get_weather").click()
    sheet = page.tab.locator("#sheet")
    name = sheet.get_by_label("Name", exact=True)
    await expect(name).to_have_value("get_weather")
    parameters = field(page, "Parameters, as JSON Schema")
    await parameters.fill('{"type": "object",\n"properties": {"city": {"type": "text"}}}')
    await expect(page.tab.locator("#parameters-error")).to_contain_text("Line 2, column 33: 'text' is not a type")
    await parameters.fill('{"type": "object"}')
    await expect(page.tab.locator("#parameters-error")).to_be_empty()
    await page.button("Format").last.click()
    await expect(parameters).to_have_value('{\n  "type": "object"\n}')
    await parameters.press("Tab")
    await expect(parameters).to_be_focused()
    await parameters.press("Escape")
    await parameters.press("Tab")
    await expect(parameters).not_to_be_focused()
    await page.tab.keyboard.press("Escape")
    await page.button("Keep editing").click()
    await sheet.get_by_role("button", name="Add function").click()
    row = page.tab.get_by_role("button", name="Edit the function get_weather")
    await expect(row).to_be_visible()
    await expect(sheet).to_be_hidden()
    await unsaved(page)
    await saved(page)
    await row.click()
    await name.fill("not ok")
    await page.button("Keep changes").click()
    await expect(page.tab.locator("#function-name-error")).to_contain_text("Use 1 to 64 letters")
    await page.tab.evaluate(_CHANGE_BY_THE_STREAM)
    await sheet.get_by_role("button", name="Close").click()
    await page.button("Discard changes").click()
    await expect(sheet).to_be_hidden()
    await clean(page)
    await page.tab.get_by_label("More about get_weather").click()
    await page.button("Duplicate").last.click()
    await expect(page.tab.get_by_role("button", name="Edit the function get_weather_2")).to_be_visible()
    await unsaved(page)
    await page.tab.get_by_label("More about get_weather_2").click()
    await page.button("Remove").click()
    await clean(page)


async def test_an_assistant_is_exported_and_imported(page: Playground, tmp_path: Path) -> None:
    await page.start_with("Data Visualization")
    await page.tab.get_by_label("More about this assistant").click()
    async with page.tab.expect_download() as download:
        await page.tab.get_by_role("link", name="Export as JSON").click()
    exported = json.loads((await (await download.value).path()).read_text())
    assert exported["name"] == "Data Visualization"
    await page.tab.keyboard.press("Escape")
    await more(page, "Import from JSON…")
    await field(page, "Or paste the JSON").fill('{"model": 3}')
    await expect(page.tab.locator("#definition-error")).to_contain_text("'model' must be a text")
    await field(page, "Or paste the JSON").fill("")
    changed = tmp_path / "assistant.json"
    changed.write_text(json.dumps({**exported, "name": "Imported", "colour": "red"}))
    await field(page, "File").set_input_files(changed)
    await page.button("Fill the form").click()
    await expect(field(page, "Name")).to_have_value("Imported")
    await expect(page.tab.locator("#assistant-field")).to_contain_text("no such fields: colour")
    await unsaved(page)
    await saved(page)
    await expect(assistant(page)).to_have_text("Imported")
