"""What other programs do with the server while the page is open."""

from __future__ import annotations

from typing import Any

from tests.browser.playground import Playground

_KEY = {"Authorization": "Bearer any"}


async def call_api(page: Playground, path: str, body: object = None) -> dict[str, Any]:
    """Read from the API, or write to it where there is a body."""
    request, url = page.tab.request, f"{page.url}/v1/{path}"
    answer = await (request.get(url, headers=_KEY) if body is None else request.post(url, headers=_KEY, data=body))
    assert answer.ok, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def offer_functions(page: Playground, *names: str) -> str:
    """Take a starter, whose assistant gets these functions; return its id."""
    await page.start_with("Math Assist")
    assistants = (await call_api(page, "assistants"))["data"]
    assistant = str(next(each["id"] for each in assistants if each["name"] == "Math Assist"))
    functions = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in names]
    await call_api(page, f"assistants/{assistant}", {"tools": [{"type": "code_interpreter"}, *functions]})
    return assistant


async def begin_elsewhere(page: Playground, assistant: str, text: str) -> str:
    """Write a message and begin a run on the page's thread; return the run's id."""
    thread = await page.tab.locator("#thread-start [data-copy]").get_attribute("data-copy")
    await call_api(page, f"threads/{thread}/messages", {"role": "user", "content": text})
    return str((await call_api(page, f"threads/{thread}/runs", {"assistant_id": assistant}))["id"])
