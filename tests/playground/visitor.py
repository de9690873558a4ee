"""A person at the page, without a browser: opens it, sends its forms, reads its parts and its event stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self, cast

import httpx2
from lxml import html

_PATIENCE_SECONDS = 20.0


class Visitor:
    """Keeps cookies and the page that was opened last."""

    def __init__(self, url: str) -> None:
        self.client = httpx2.Client(base_url=url, follow_redirects=True, timeout=_PATIENCE_SECONDS, trust_env=False)
        self.client.headers["Authorization"] = "Bearer any"
        self.page = parsed("<html></html>")
        self.chat = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, path: str = "") -> httpx2.Response:
        """Open a page; without a path the chat session's."""
        response = self.client.get(path or self.chat)
        self.page = parsed(response.text)
        if response.is_success:
            self.chat = response.url.path
        return response

    def send(self, action: str, /, **fields: str) -> httpx2.Response:
        """Send a form of the chat session the way HTMX does."""
        return self.client.post(f"{self.chat}/{action}", data=fields, headers={"HX-Request": "true"})

    def start(self, key: str = "math") -> None:
        """Take a starter."""
        assert self.send(f"starters/{key}").is_success

    def run(self, text: str) -> None:
        """Send a message, run the assistant, and wait for the end."""
        assert self.send("messages", content=text, action="run").is_success
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until no run is active."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            self.open()
            if self.one("run-state").get("data-state") == "none":
                return
            time.sleep(0.05)
        raise TimeoutError("The run does not end.")

    def logs(self, part: str = "", **choice: str) -> html.HtmlElement:
        """Ask for the logs pane's list, or another part of it, by a filter."""
        response = self.client.get(f"{self.chat}/logs{part}", params=choice, headers={"HX-Request": "true"})
        assert response.is_success, response.text
        return parsed(f"<div>{response.text}</div>")

    def wire(self, **choice: str) -> list[str]:
        """Return the rows of the wire view, spaces folded."""
        rows = self.logs(view="wire", **choice).find_class("log-row")
        return [" ".join(row.text_content().split()) for row in rows]

    def one(self, element_id: str) -> html.HtmlElement:
        """Return the element of that id on the page."""
        return self.page.get_element_by_id(element_id)

    def text(self, element_id: str) -> str:
        """Return the text of an element, spaces folded."""
        return " ".join(self.one(element_id).text_content().split())

    def all(self, css_class: str) -> list[str]:
        """Return the texts of all elements of that class."""
        return [" ".join(each.text_content().split()) for each in self.page.find_class(css_class)]

    def attributes(self, xpath: str) -> list[str]:
        """Return the attribute values that an XPath finds."""
        return [str(value) for value in cast("list[object]", self.page.xpath(xpath))]

    @contextmanager
    def events(self, after: int = 0, last_event_id: str = "") -> Iterator[Iterator[dict[str, str]]]:
        """Open the event stream; yields its events as `id`, `event` and `data`."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with self.client.stream("GET", f"{self.chat}/events", params={"after": after}, headers=headers) as response:
            yield _events(response.iter_lines())


def parsed(text: str) -> html.HtmlElement:
    """Read HTML."""
    return cast("html.HtmlElement", html.fromstring(text))


def _events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    event: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and event:
            yield event
            event = {}
        elif name in {"id", "event", "data"}:
            event[name] = f"{event[name]}\n{value}" if name in event else value
