"""The server is killed or stopped in mid answer and started again: an open page goes on."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, expect

from tests.browser.playground import Playground
from tests.browser.servers import free_port, running_model, running_program

ENDLESS = "!slow 0.1\n!say " + " ".join(f"word{number}" for number in range(900))
LONG = "!slow 0.1\n!say " + " ".join(f"word{number}" for number in range(60))
TYPED = "!say Typed while it was away."


async def test_a_killed_server_ends_the_run_and_loses_nothing_of_the_page(
    context: BrowserContext, tmp_path: Path
) -> None:
    port = free_port()
    page = Playground(await context.new_page(), f"http://127.0.0.1:{port}")
    banner = page.tab.get_by_text("The connection to the server is lost. Trying again; nothing is lost meanwhile.")
    with running_model() as settings:
        with running_program(tmp_path, port, settings | {"SANDBOX": "off"}) as program:
            await page.open()
            await expect(banner).to_be_hidden()
            await page.start_with("Math Assist")
            await page.run(ENDLESS)
            await expect(page.answers.last).to_contain_text("word9")
            await page.message.fill(TYPED)
            program.kill()
            await expect(banner).to_be_visible()
            await expect(page.answers.last).to_contain_text("word9")
            await expect(page.message).to_have_value(TYPED)
            await expect(page.tab.get_by_role("alert").filter(has_text="server")).to_have_count(0)
        with running_program(tmp_path, port, settings | {"SANDBOX": "off"}):
            await page.live()
            await expect(banner).to_be_hidden()
            ended = page.conversation.get_by_role("group", name="The run failed")
            await expect(ended).to_contain_text("The server stopped")
            await expect(ended.get_by_role("button", name="Run again")).to_be_visible()
            await expect(page.answers).to_have_count(1)
            await expect(page.answers.last).to_contain_text("word9")
            await expect(page.message).to_have_value(TYPED)
            await page.button("Add and run").click()
            await expect(page.answers.last).to_contain_text("Typed while it was away.")
            await page.finished()


async def test_a_stopped_server_gives_the_whole_answer_after_its_restart(
    context: BrowserContext, tmp_path: Path
) -> None:
    port = free_port()
    page = Playground(await context.new_page(), f"http://127.0.0.1:{port}")
    with running_model() as settings:
        with running_program(tmp_path, port, settings | {"SANDBOX": "off"}):
            await page.open()
            await page.start_with("Math Assist")
            await page.run(LONG)
            await expect(page.answers.last).to_contain_text("word9")
            await page.message.fill(TYPED)
        with running_program(tmp_path, port, settings | {"SANDBOX": "off"}):
            await page.live()
            await expect(page.answers.last).to_contain_text("word59")
            await page.finished()
            await expect(page.answers).to_have_count(1)
            await expect(page.answers.last.get_by_text("word0 ")).to_have_count(1)
            await expect(page.message).to_have_value(TYPED)
