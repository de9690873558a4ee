"""What is done with a message: copied, edited, run again, replaced, looked into, deleted; and options for runs."""

from __future__ import annotations

from playwright.async_api import BrowserContext, Locator, expect

from tests.browser.playground import Playground


def questions(page: Playground) -> Locator:
    return page.conversation.locator("article.message.user")


async def choose(message: Locator, name: str) -> None:
    """Choose from a message's menu."""
    await message.hover()
    await message.get_by_label("More about this message").click()
    await message.get_by_role("button", name=name, exact=True).click()


async def test_messages_are_copied_edited_run_again_and_deleted(page: Playground, context: BrowserContext) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.start_with("Math Assist")
    await page.run("!say Some **bold** words")
    await page.finished()
    await page.answers.last.hover()
    await page.answers.last.get_by_role("button", name="Copy the text").click()
    assert await page.tab.evaluate("() => navigator.clipboard.readText()") == "Some **bold** words"

    await page.answers.last.get_by_role("button", name="Run again").click()
    await expect(page.answers).to_have_count(2)
    await page.finished()
    await expect(page.answers.first.get_by_role("button", name="Run again")).to_be_hidden()
    await choose(page.answers.last, "Replace this answer")
    await expect(page.answers).to_have_count(2)
    await page.finished()

    await questions(page).first.hover()
    await questions(page).first.get_by_role("button", name="Edit").click()
    edit = page.conversation.get_by_role("article", name="Edit your message")
    await expect(edit.get_by_label("Message")).to_be_focused()
    await edit.get_by_label("Message").fill("")
    await edit.get_by_role("button", name="Save").click()
    await expect(edit.get_by_role("alert")).to_contain_text("can't be empty")
    await edit.get_by_label("Message").fill("!say Something else")
    await edit.get_by_role("button", name="Run from here").click()
    await expect(page.answers).to_have_count(1)
    await expect(page.answers.last).to_contain_text("Something else")
    await page.finished()

    await choose(page.answers.last, "Details")
    sheet = page.tab.get_by_role("dialog", name="Message")
    await expect(sheet.get_by_role("button", name="Copy run id")).to_be_visible()
    await expect(sheet).to_contain_text("in, ")
    await page.tab.keyboard.press("Escape")
    answer = page.answers.last
    await answer.hover()
    await answer.get_by_label("More about this message").click()
    await answer.locator("summary", has_text="Delete").click()
    await answer.get_by_role("button", name="Yes, delete this message").click()
    await expect(page.answers).to_have_count(0)
    await expect(questions(page)).to_have_count(1)


async def test_run_options_are_checked_shown_and_cleared_and_the_role_is_chosen(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.tab.get_by_label("Role of the message").select_option("assistant")
    await page.message.fill("I said this.")
    await page.button("Add message").click()
    await expect(page.answers.last).to_contain_text("I said this.")
    hint = page.tab.get_by_text("You write what the assistant said, until you choose User again.")
    await expect(hint).to_be_visible()
    await expect(page.tab.get_by_label("Role of the message")).to_have_value("assistant")
    await page.tab.get_by_label("Role of the message").select_option("user")
    await expect(hint).to_be_hidden()

    await page.message.fill("half a sentence")
    await page.button("Run options").click()
    sheet = page.tab.get_by_role("dialog", name="Run options")
    await sheet.get_by_label("Temperature").fill("7")
    await sheet.get_by_label("Metadata of the run").fill("user: jane")
    await sheet.get_by_role("button", name="Use in the next runs").click()
    await expect(sheet.locator("#option-temperature-error")).to_contain_text("This can be 2 at most.")
    await sheet.get_by_label("Temperature").fill("0.3")
    await sheet.get_by_role("button", name="Use in the next runs").click()
    await expect(sheet).to_be_hidden()
    await expect(page.button("2 run options")).to_be_visible()
    await page.reload()
    await expect(page.message).to_have_value("half a sentence")
    await expect(page.button("2 run options")).to_be_visible()
    await page.run("!say Cool")
    await page.finished()
    await page.button("Clear the run options").click()
    await expect(page.button("Run options")).to_be_visible()


async def test_a_late_answer_does_not_undo_what_events_have_told(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.answer_late("**/messages")
    await page.run("!say Quick")
    await page.finished()
    await page.message.fill("!slow 0.5\n!say " + "word " * 40)
    await page.button("Add and run").click()
    await expect(page.button("Stop")).to_be_visible()
    await expect(page.message).to_have_value("")
    await expect(page.button("Stop")).to_be_visible()
    await expect(page.button("Add message")).to_be_disabled()
    await page.button("Stop").click()
    await page.finished()
    await expect(page.button("Add message")).to_be_enabled()


async def test_late_answers_to_restart_and_clear_do_not_undo_what_came_meanwhile(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Once more")
    await page.finished()
    before = await page.thread.text_content()
    await page.answer_late("**/restart")
    await page.answer_late("**/clear")
    async with page.tab.expect_request_finished(lambda request: request.url.endswith("/restart")):
        await page.choose("Restart")
        await expect(page.thread).not_to_have_text(before or "")
        await expect(page.answers.last).to_contain_text("Once more")
    await page.finished()
    await expect(page.answers.last).to_contain_text("Once more")
    await page.choose("Clear chat…")
    async with page.tab.expect_request_finished(lambda request: request.url.endswith("/clear")):
        await page.button("Clear chat").click()
        await expect(page.answers).to_have_count(0)
        await page.run("!say Afterwards")
    await expect(page.answers.last).to_contain_text("Afterwards")


async def test_a_lost_server_takes_no_typed_text_and_streaming_no_focus(
    page: Playground, context: BrowserContext
) -> None:
    await page.start_with("Math Assist")
    await context.set_offline(True)
    await page.message.fill("!slow 0.05\n!say one two three four five six seven eight")
    await page.button("Add and run").click()
    await expect(page.tab.get_by_text("The server does not answer")).to_be_visible()
    await expect(page.message).to_have_value("!slow 0.05\n!say one two three four five six seven eight")
    await context.set_offline(False)
    await page.button("Add and run").click()
    await expect(page.message).to_have_value("")
    await page.message.press_sequentially("typed meanwhile", delay=10)
    await expect(page.answers.last).to_contain_text("eight")
    await page.finished()
    await expect(page.message).to_be_focused()
    await expect(page.message).to_have_value("typed meanwhile")
