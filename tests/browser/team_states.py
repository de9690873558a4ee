"""States of the pages that there are only where people sign in."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.playground import Playground

_ANSWER = "A plan:\n\n| Day | Task |\n|---|---|\n| Monday | Read |\n| Tuesday | Write |\n\n```python\nprint(1)\n```"


async def signing_in(page: Playground) -> None:
    """Give a wrong password."""
    await page.tab.context.clear_cookies()
    await page.tab.goto(f"{page.url}/sign-in")
    await page.tab.get_by_label("Your name").fill("Jane")
    await page.tab.get_by_label("Password of this server").fill("guess")
    await page.button("Sign in").click()
    await expect(page.tab.get_by_role("alert")).to_contain_text("This is not the password")


async def making_a_key(page: Playground) -> None:
    """Make a key for a program."""
    await _open(page, "API keys")
    await page.tab.get_by_label("New key").fill("The nightly report of the sales team in the northern region, in words")
    await page.button("Make key").click()
    await expect(page.tab.locator("#api-keys").get_by_text("Copy your new key now")).to_be_visible()


async def inviting(page: Playground) -> None:
    """Invite somebody, among people with and without limits of their own, and look at what can be done with one."""
    await _open(page, "People")
    await page.button("Make link").click()
    await expect(page.tab.locator("#people").get_by_text("Send this link to one person")).to_be_visible()
    await page.tab.get_by_label("More about مريم الأندلسي").click()
    await page.tab.locator(".sure > summary", has_text="Remove…").locator("visible=true").click()


async def limiting(page: Playground) -> None:
    """Have a limit refused."""
    await _open(page, "People")
    await page.button("Limits for everybody").click()
    await page.tab.get_by_label("Runs a minute").fill("as many as possible")
    await page.button("Save limits").click()
    await expect(page.tab.locator("#limit-runs_per_minute-error")).not_to_be_empty()


async def looking_at_own_limits(page: Playground) -> None:
    """Look at what one may take."""
    await _open(page, "Limits")
    await expect(page.tab.locator("#own-limits")).to_contain_text("of 30")


async def signing_out_elsewhere(page: Playground) -> None:
    """Look where one is signed in."""
    await _open(page, "Sign-ins")
    await expect(page.tab.locator("#sign-ins")).to_contain_text("You are signed in here")


async def sharing_a_link(page: Playground) -> None:
    """Make a link to the thread."""
    await page.choose("Share by a link…")
    await page.button("Make link").click()
    await expect(page.tab.locator("#thread-links").get_by_text("Copy the link now")).to_be_visible()


async def reading_a_shared_thread(page: Playground) -> None:
    """Open a link to a thread as anybody would."""
    await page.start_with("Math Assist")
    await page.run(f"!say {_ANSWER}")
    await page.finished()
    await sharing_a_link(page)
    link = await page.tab.locator("#thread-links .callout [data-copy]").get_attribute("data-copy")
    await page.tab.goto("about:blank")  # The playground would go to the sign-in by itself.
    await page.tab.context.clear_cookies()
    await page.tab.goto(str(link))
    await expect(page.tab.get_by_role("article")).to_have_count(2)


async def _open(page: Playground, sheet: str) -> None:
    await page.tab.locator("#account-menu > summary").click()
    await page.tab.locator("#account-menu").get_by_role("button", name=sheet, exact=True).click()


TEAM_STATES = {
    reach.__name__: reach
    for reach in (
        signing_in,
        making_a_key,
        inviting,
        limiting,
        looking_at_own_limits,
        signing_out_elsewhere,
        sharing_a_link,
        reading_a_shared_thread,
    )
}
