"""Nothing is lost: reload, a second tab, a cut connection, Stop and Clear chat."""

from __future__ import annotations

from playwright.async_api import BrowserContext, expect

from tests.browser.playground import Playground
from tests.browser.servers import Server
from tests.doubles.breakable_proxy import BreakableProxy

WORDS = " ".join(f"word{number}" for number in range(40))
SLOW = f"!slow 0.06\n!say {WORDS} end"
SLOWER = f"!slow 0.3\n!say {WORDS} end"
NEAR_PIXELS = 60


async def test_a_reload_in_mid_answer_loses_nothing(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run(SLOWER)
    await expect(page.answers.last).to_contain_text("word3")
    await page.reload()
    await expect(page.button("Stop")).to_be_visible()
    await expect(page.answers.last).to_contain_text(f"{WORDS} end")
    await page.finished()
    await expect(page.answers).to_have_count(1)


async def test_a_second_tab_shows_the_same_as_it_happens(
    page: Playground, context: BrowserContext, server: Server
) -> None:
    await page.start_with("Math Assist")
    other = Playground(await context.new_page(), server.url)
    await other.open()
    await page.run(SLOW)
    await expect(other.answers.last).to_contain_text("word3")
    await expect(other.answers.last).to_contain_text("end")
    await other.finished()
    await expect(other.logs.locator("article")).to_have_count(1)
    await expect(other.logs.locator("article")).to_contain_text("Completed")


async def test_a_cut_stream_resumes_without_loss_or_duplicates(context: BrowserContext, server: Server) -> None:
    async with BreakableProxy(server.port) as proxy:
        page = Playground(await context.new_page(), f"http://127.0.0.1:{proxy.port}")
        await page.open()
        await page.show_wire()
        await page.start_with("Math Assist")
        await page.run(SLOW)
        await expect(page.answers.last).to_contain_text("word3")
        proxy.cut()
        await expect(page.tab.get_by_text("The connection to the server is lost.")).to_be_visible()
        proxy.mend()
        await expect(page.answers.last).to_contain_text(f"{WORDS} end")
        await page.finished()
        await expect(page.answers).to_have_count(1)
        await expect(page.logs.locator("li", has_text="thread.run.completed")).to_have_count(1)
        ids = await page.logs.locator("li").evaluate_all("rows => rows.map(row => row.id)")
        assert len(ids) == len(set(ids))
        await page.reload()
        again = await page.logs.locator("li").evaluate_all("rows => rows.map(row => row.id)")
        assert again[: len(ids)] == ids


async def test_stop_ends_the_run_and_keeps_what_was_written(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run(SLOWER)
    await expect(page.answers.last).to_contain_text("word3")
    await page.button("Stop").click()
    await page.finished()
    await expect(page.conversation.get_by_role("group", name="Stopped")).to_be_visible()
    await expect(page.answers.last).to_contain_text("word3")
    await expect(page.answers.last).not_to_contain_text("word39")


async def test_the_newest_stays_in_view_until_the_reader_goes_up(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!slow 0.01\n!say " + "word " * 3000)
    box = page.tab.get_by_role("region", name="Messages")
    newest = page.button("Newest")
    await page.tab.wait_for_function("box => box.scrollTop > 300", arg=await box.element_handle())
    await box.hover()
    for _ in range(4):
        await page.tab.mouse.wheel(0, -60)
        await expect(newest).to_be_visible()
        top, height = await box.evaluate("box => [box.scrollTop, box.scrollHeight]")
        await page.tab.wait_for_function(
            "([box, height]) => box.scrollHeight > height + 100", arg=[await box.element_handle(), height]
        )
        assert await box.evaluate("box => box.scrollTop") == top
        await newest.click()
        await expect(newest).to_be_hidden()
        assert await box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight") < NEAR_PIXELS
        await box.hover()
    await page.button("Stop").click()
    await page.finished()


async def test_clear_chat_asks_and_begins_a_new_thread(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    await page.finished()
    before = await page.thread.text_content()
    await page.choose("Clear chat…")
    await page.tab.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(page.answers).to_have_count(1)
    await page.choose("Clear chat…")
    await page.tab.get_by_role("dialog").get_by_role("button", name="Clear chat").click()
    await expect(page.answers).to_have_count(0)
    await expect(page.thread).not_to_have_text(before or "")
    await page.show_wire()
    await expect(page.logs).to_contain_text("DELETE")
    await page.run("!say Hello again")
    await expect(page.answers.last).to_contain_text("Hello again")


async def test_a_message_can_be_added_without_a_run(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.message.fill("Only a note")
    await page.button("Add message").click()
    await expect(page.conversation.locator("article.message.user")).to_contain_text("Only a note")
    await expect(page.message).to_have_value("")
    await page.button("Add and run").click()
    await expect(page.answers.last).to_contain_text("You said: Only a note")
