"""Names and passages that want to be markup are text: nothing is loaded from elsewhere, nothing breaks."""

from __future__ import annotations

import asyncio
from typing import Final

from playwright.async_api import Page, Request, expect

from tests.browser.librarian import sheet
from tests.browser.playground import Playground
from tests.browser.programs import call_api
from tests.browser.screenshots import SIZES

MARKUP: Final = (
    "\u202e<img src=//evil.example/x.png onerror=\"document.title='owned'\"><style>*{display:none;"
    "background:url(//evil.example/css)}</style><script src=//evil.example/js></script>"
)
NAME: Final = (MARKUP + "Wörter漢字" * 40)[:256]
FILE_NAME: Final = (MARKUP + "Wörter漢字" * 40)[:296]
PASSAGE: Final = f"""# Sales

![pixel](https://evil.example/pixel.png) <link rel=stylesheet href=//evil.example/style> {MARKUP}

Units {"x" * 3000} end.
"""
QUESTION: Final = f"""Tell me
!call file_search {{"queries": ["sales units pixel"]}}
!say {MARKUP} ![pixel](https://evil.example/answer.png)【4:0†{NAME}】"""


def foreign_requests(page: Playground) -> list[str]:
    """Note from now on what is asked of other hosts."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((page.url, "blob:", "data:")):
            asked.append(request.url)

    page.tab.on("request", note)
    return asked


async def broken(page: Playground, place: str) -> list[str]:
    """Return what is wrong with the page as it is now, at each size."""
    tab: Page = page.tab
    found = [] if await tab.title() == "Assistants Playground" else [f"{place}: the title is {await tab.title()}"]
    for width, height in SIZES:
        await tab.set_viewport_size({"width": width, "height": height})
        found += [f"{place} {width}: {each}" for each in await page.too_wide()]
    await tab.set_viewport_size({"width": 1440, "height": 900})
    return found


async def hostile_assistant(page: Playground) -> None:
    """Let a program make an assistant, its store and its files, all with hostile names."""
    store = (await call_api(page, "vector_stores", {"name": NAME}))["id"]
    ids = [await upload(page, FILE_NAME + suffix) for suffix in (".md", ".csv")]
    await call_api(page, f"vector_stores/{store}/files", {"file_id": ids[0]})
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    resources = {"code_interpreter": {"file_ids": [ids[1]]}, "file_search": {"vector_store_ids": [store]}}
    await call_api(
        page,
        "assistants",
        {"model": "scripted-model", "name": NAME, "tools": tools, "tool_resources": resources},
    )


async def upload(page: Playground, name: str) -> str:
    file = {"name": name, "mimeType": "text/plain", "buffer": PASSAGE.encode()}
    answer = await page.tab.request.post(
        f"{page.url}/v1/files",
        headers={"Authorization": "Bearer any"},
        multipart={"purpose": "assistants", "file": file},  # type: ignore[dict-item]  # Playwright's own shape.
    )
    assert answer.ok, await answer.text()
    return str((await answer.json())["id"])


async def test_hostile_names_and_passages_load_nothing_and_break_nothing(page: Playground) -> None:
    asked, problems = foreign_requests(page), []
    await hostile_assistant(page)
    await page.reload()
    await page.tab.locator("#assistant").click()
    await page.tab.locator("#assistant-options [data-option]").first.click()
    await expect(page.tab.locator("#vector-store")).to_contain_text("1 file, ready")
    problems += await broken(page, "setup")
    await page.run(QUESTION)
    await page.finished()
    await page.conversation.locator("details.step > summary").click()
    await page.conversation.locator(".found-passage > summary").first.click()
    await expect(page.conversation.get_by_label("Passage").first).to_contain_text("<link rel=stylesheet")
    problems += await broken(page, "chat")
    await page.answers.last.locator("button.cite").first.click()
    await expect(sheet(page).get_by_label("Passage")).to_contain_text("<script src=")
    problems += await broken(page, "passage")
    await page.tab.keyboard.press("Escape")
    await page.tab.locator("#vector-store button").first.click()
    await expect(sheet(page).get_by_role("list", name="Files in the store").get_by_role("listitem")).to_have_count(1)
    problems += await broken(page, "store")
    await page.tab.keyboard.press("Escape")
    await expect(sheet(page)).to_be_hidden()
    await page.show_wire()
    problems += await broken(page, "logs")
    for element in ("script", "style", "img", "link"):
        await expect(page.conversation.locator(element)).to_have_count(0)
    assert problems == []
    assert asked == []


async def test_a_letter_with_50000_marks_does_not_hold_the_page_up(page: Playground) -> None:
    zalgo = "Za" + "\u0301" * 50_000 + "lgo"
    await page.start_with("Math Assist")
    await page.show_wire()
    # A field would take seconds to type it in.
    await page.tab.request.post(f"{page.tab.url}/messages", form={"content": f"!say {zalgo}", "action": "run"})
    await expect(page.answers.last.locator(".message-body")).to_have_text("Za" + "\u0301" * 30 + "…lgo")
    async with asyncio.timeout(3):
        await page.tab.locator(".log-row").last.scroll_into_view_if_needed()
        await page.message.fill("The page still answers.")
