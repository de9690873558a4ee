"""View code, export, import and the prompt view."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zipfile import ZipFile

from playwright.async_api import expect

from tests.browser.playground import Playground


async def test_a_program_is_chosen_copied_and_downloaded(page: Playground, tmp_path: Path) -> None:
    await page.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.start_with("Math Assist")
    await page.button("View code").click()
    sheet = page.tab.get_by_role("dialog", name="View code")
    program = sheet.get_by_role("group", name="Source of the program")
    await expect(program).to_contain_text("client.beta.assistants.create(")
    await expect(program.locator(".hl-kn, .hl-k").first).to_be_visible()
    await sheet.get_by_text("Azure", exact=True).click()
    await expect(program).to_contain_text("AzureOpenAI(")
    await sheet.get_by_label("curl").focus()
    await page.tab.keyboard.press("Space")
    await expect(program).to_contain_text("curl -sS")
    await expect(sheet.get_by_label("curl")).to_be_focused()
    await sheet.get_by_text("Chat Completions").click()
    await expect(program).to_contain_text("no code interpreter here")
    await expect(sheet.get_by_text("Azure", exact=True)).to_be_hidden()
    await sheet.get_by_text("Responses API", exact=True).click()
    await expect(program).to_contain_text("/responses")
    await sheet.get_by_text("Chat Completions").click()
    await sheet.get_by_text("The whole session").click()
    await expect(program).to_contain_text("A session of the playground")
    await sheet.get_by_role("button", name="Copy").click()
    copied = await page.tab.evaluate("navigator.clipboard.readText()")
    async with page.tab.expect_download() as started:
        await sheet.get_by_role("link", name="Download").click()
    download = await started.value
    assert download.suggested_filename == "session_chat.sh"
    await download.save_as(tmp_path / "program.sh")
    assert (tmp_path / "program.sh").read_text() == copied
    await page.tab.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_a_thread_goes_out_and_comes_in_again(page: Playground, tmp_path: Path) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Exported answer")
    await page.finished()
    menu = page.tab.locator("#page-menu > summary")
    await menu.click()
    async with page.tab.expect_download() as started:
        await page.tab.get_by_role("link", name="Export thread as JSON").click()
    file = tmp_path / "thread.json"
    await (await started.value).save_as(file)
    assert len(json.loads(file.read_text())["messages"]) == 2
    await menu.click()
    async with page.tab.expect_download() as started:
        await page.tab.get_by_role("link", name="Export thread as Markdown").click()
    with ZipFile(await (await started.value).path()) as exported:
        assert any(b"Exported answer" in exported.read(name) for name in exported.namelist())
    first = page.tab.url
    await menu.click()
    await page.button("Import a thread…").click()
    sheet = page.tab.get_by_role("dialog", name="Import a thread")
    await sheet.get_by_label("File").set_input_files({"name": "x.json", "mimeType": "text/plain", "buffer": b"{"})
    await sheet.get_by_role("button", name="Import", exact=True).click()
    await expect(sheet.get_by_role("alert")).to_contain_text("The file is not JSON")
    await sheet.get_by_label("File").set_input_files(file)
    await sheet.get_by_role("button", name="Import", exact=True).click()
    await expect(page.tab).not_to_have_url(first)
    await page.live()
    await expect(page.answers).to_have_text(re.compile("Exported answer"))


async def test_the_prompt_view_opens_in_the_sheet(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    await page.finished()
    await page.tab.locator('[hx-get$="/prompt"]').first.click()
    sheet = page.tab.get_by_role("dialog", name="Prompt")
    await expect(sheet.get_by_role("heading", name="Call 1")).to_be_visible()
    system = sheet.locator("summary", has_text="System")
    await expect(system).to_contain_text("tokens")
    await system.click()
    await expect(sheet.locator("pre:visible")).to_contain_text("You are an AI assistant that can write code")
