"""The page as a person uses it: by labels and roles."""

from __future__ import annotations

import asyncio

from playwright.async_api import Locator, Page, Route, expect

_LATE_SECONDS = 0.7
_RUN_IS_SHOWN = (
    "#run-state:not([data-state='']), #conversation > :last-child:not(.message.user), #composer-error:not(:empty)"
)

_TOO_WIDE = """() => [...document.querySelectorAll("body, main, .pane, .pane > *, dialog[open]")]
    .filter((part) => part.offsetParent !== null && part.scrollWidth > part.clientWidth + 1)
    .map((part) => `${part.tagName}.${part.className} ${part.scrollWidth} > ${part.clientWidth}`)"""


class Playground:
    """One open page."""

    def __init__(self, tab: Page, url: str) -> None:
        self.tab = tab
        self.url = url

    async def open(self) -> None:
        """Go to the playground and wait until its event stream is there."""
        await self.tab.goto(self.url)
        await self.live()

    async def reload(self) -> None:
        """Load the page again."""
        await self.tab.reload()
        await self.live()

    async def live(self) -> None:
        """Wait until the page receives events."""
        await expect(self.tab.locator('body[data-bus="live"]')).to_be_attached()

    @property
    def conversation(self) -> Locator:
        return self.tab.get_by_role("log", name="Conversation")

    @property
    def logs(self) -> Locator:
        return self.tab.get_by_role("log", name="Logs")

    @property
    def message(self) -> Locator:
        return self.tab.get_by_label("Message", exact=True)

    @property
    def answers(self) -> Locator:
        return self.conversation.locator("article.message.assistant")

    @property
    def thread(self) -> Locator:
        """The shown thread's id, a button that copies it."""
        return self.conversation.get_by_role("button", name="Copy thread id")

    def button(self, name: str) -> Locator:
        """Find a button by its name."""
        return self.tab.get_by_role("button", name=name, exact=True)

    async def too_wide(self) -> list[str]:
        """Return the parts of the page whose content is wider than they are."""
        found: list[str] = await self.tab.evaluate(_TOO_WIDE)
        return found

    async def show_wire(self) -> None:
        """Show every exchange in the logs."""
        await self.tab.get_by_role("radio", name="Wire").check(force=True)
        await expect(self.logs.locator(".log-row").first).to_be_visible()

    async def start_with(self, starter: str) -> None:
        """Take a starter, which creates its assistant."""
        await self.conversation.get_by_role("button", name=starter).click()
        await expect(self.tab.get_by_label("Name", exact=True)).to_have_value(starter)

    async def open_menu(self) -> None:
        """Open the chat's menu."""
        await self.tab.get_by_label("More about this chat").click()

    async def choose(self, item: str) -> None:
        """Choose from the chat's menu."""
        await self.open_menu()
        await self.button(item).click()

    async def answer_late(self, urls: str) -> None:
        """Let the server's answers to these requests arrive late, when events have overtaken them."""

        async def wait(route: Route) -> None:
            answer = await route.fetch()
            await asyncio.sleep(_LATE_SECONDS)
            await route.fulfill(response=answer)

        await self.tab.route(urls, wait)

    async def run(self, text: str) -> None:
        """Write a message, run the assistant, and wait until the page shows the run or what came of it."""
        asked = self.conversation.locator("article.message.user")
        before = await asked.count()
        await self.message.fill(text)
        await self.button("Add and run").click()
        await expect(self.message).to_have_value("")
        await expect(asked).to_have_count(before + 1)
        await expect(self.tab.locator(_RUN_IS_SHOWN).first).to_be_attached()

    async def finished(self) -> None:
        """Wait until no run is active any more."""
        await expect(self.button("Add and run")).to_be_visible()
