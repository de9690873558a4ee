"""What goes wrong is said near its cause, and hostile text does nothing."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.playground import Playground

HOSTILE = (
    '!say <script>document.title = "owned"</script> <img src=x onerror="document.title=1"> '
    "[link](javascript:alert(1)) ![pixel](https://example.com/pixel.png) "
    '<form action="https://example.com"></form> <hx-partial hx-target="body">gone</hx-partial> '
    '<div hx-get="/chats" hx-trigger="load">x</div>'
)


async def test_a_failed_run_says_why_and_what_to_do(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!fail 500")
    notice = page.conversation.get_by_role("group", name="The run failed")
    await expect(notice).to_contain_text("The scripted model fails on demand.")
    await expect(notice).to_contain_text("choose another deployment")
    await page.run("!say Back again")
    await expect(page.answers.last).to_contain_text("Back again")


async def test_running_without_an_assistant_keeps_the_text_and_says_what_is_missing(page: Playground) -> None:
    await page.message.fill("Hello?")
    await page.button("Add and run").click()
    await expect(page.tab.locator("#composer-error")).to_contain_text("Create an assistant in the setup first")
    await expect(page.message).to_have_value("Hello?")


async def test_hostile_text_is_shown_and_does_nothing(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run(HOSTILE)
    await page.finished()
    await expect(page.answers.last).to_contain_text("<script>")
    await expect(
        page.answers.last.locator(".message-body").locator(
            "script, img, form, [onerror], [hx-get], a[href^=javascript]"
        )
    ).to_have_count(0)
    await expect(page.tab).to_have_title("Assistants Playground")
    await page.reload()
    await expect(page.answers.last).to_contain_text('hx-trigger="load"')


async def test_a_refused_save_keeps_what_was_typed(page: Playground) -> None:
    await page.tab.get_by_label("Name", exact=True).fill("n" * 20)
    await page.tab.get_by_label("Instructions", exact=True).fill("i" * 300_000)
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_visible()
    await page.button("Create assistant").click()
    await expect(page.tab.locator("#instructions-error")).not_to_be_empty()
    await expect(page.tab.get_by_label("Name", exact=True)).to_have_value("n" * 20)
    await expect(page.tab.get_by_text("Unsaved changes", exact=True)).to_be_visible()


async def test_what_the_page_asks_for_by_itself_fails_silently_and_is_asked_again(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.tab.route("**/logs/new*", lambda route: route.abort())
    async with page.tab.expect_event("requestfailed", lambda request: "/logs/new" in request.url):
        await page.run("!say Unseen by the logs")
    await page.finished()
    await expect(page.tab.locator("#offline-notice")).to_have_count(0)
    await page.tab.unroute("**/logs/new*")
    await page.run("!say Seen")
    await expect(page.logs.locator(".activity")).to_have_count(2)
