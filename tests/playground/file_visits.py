"""What a visitor does with files: send one, wait until a store has read its own, look for words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2
    from lxml import html

    from tests.playground.visitor import Visitor

_PATIENCE_SECONDS = 20.0
SALES = b"Product 113045 sold 22 units in February."


def send_file(visitor: Visitor, place: str, name: str, content: bytes = SALES) -> httpx2.Response:
    """Send a file as the page does."""
    return visitor.client.post(f"{visitor.chat}/{place}?name={quote(name, safe='')}", content=content)


def attach(visitor: Visitor, name: str, content: bytes = SALES) -> tuple[str, list[str]]:
    """Send a file to the composer; return its id and the uses on offer, the chosen one first."""
    page = elements(send_file(visitor, "attachments", name, content))
    (chip,) = page.find_class("attachment")
    return str(chip.xpath(".//input/@value")[0]), [str(option.get("value")) for option in chip.iter("option")]


def make_store(visitor: Visitor, name: str = "Documents") -> str:
    """Make a store and return its id."""
    visitor.send("stores", name=name)
    stores = visitor.client.get("/v1/vector_stores").json()["data"]
    return str(next(store["id"] for store in stores if store["name"] == name))


def wait_until_read(visitor: Visitor, store_id: str) -> dict[str, int]:
    """Wait until nothing in the store is being read; return its counts."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        counts = cast("dict[str, int]", visitor.client.get(f"/v1/vector_stores/{store_id}").json()["file_counts"])
        if not counts["in_progress"]:
            return counts
        time.sleep(0.05)
    raise TimeoutError("The store's files are not read.")


def elements(response: httpx2.Response) -> html.HtmlElement:
    """Return an answer's parts, those with a place of their own too."""
    assert response.is_success, response.text
    return parsed(f"<div>{response.text}</div>")


def words(element: html.HtmlElement) -> str:
    """Return an element's texts, a space between them, spaces folded."""
    return " ".join(" ".join(element.itertext()).split())
