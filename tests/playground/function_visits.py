"""What visitors do with functions: offer them, wait for their calls, answer them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import update

from app.engine.store import tables
from tests.live import serve
from tests.playground.visitor import Visitor

if TYPE_CHECKING:
    from tests.playground.conftest import House

WEATHER = ("get_weather", '{"location":"Paris","days":2}')
STOCK = ("get_stock", '{"symbol":"X"}')


def offer_functions(visitor: Visitor, *names: str) -> str:
    """Take a starter, whose assistant gets these functions; return its id."""
    visitor.start()
    assistant = visitor.client.get("/v1/assistants").json()["data"][0]["id"]
    tools = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in names]
    assert visitor.client.post(f"/v1/assistants/{assistant}", json={"tools": tools}).is_success
    return str(assistant)


def ask(visitor: Visitor, text: str = "How is it?") -> None:
    """Run the assistant and wait until it waits for outputs."""
    assert visitor.send("messages", content=text, action="run").is_success
    wait_for(visitor, "requires_action")


def wait_for(visitor: Visitor, status: str) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        visitor.open()
        if visitor.one("run-state").get("data-state") == status:
            return
        time.sleep(0.05)
    raise TimeoutError(f"No run is {status}.")


def call_ids(visitor: Visitor) -> list[str]:
    return visitor.attributes("//textarea[@data-output]/@name")


def typed(visitor: Visitor, call_id: str) -> str:
    """Return what stands in a call's field, read as browsers do: without the first line break."""
    return (visitor.one(f"output-{call_id}").text_content() or "").removeprefix("\n")


def run_id(visitor: Visitor) -> str:
    return visitor.attributes("//form[@class='outputs']/@id")[0].removeprefix("outputs-")


def submit(visitor: Visitor, outputs: dict[str, str], **more: str) -> int:
    return visitor.send(f"runs/{run_id(visitor)}/outputs", **outputs, **more).status_code


def thread_id(visitor: Visitor) -> str:
    return visitor.attributes("//*[@id='thread-start']//@data-copy")[0]


def expire(visitor: Visitor, house: House, run: str) -> None:
    """Let the run's time be over, and wait until the worker has noticed."""
    with house.database.engine.begin() as connection:
        connection.execute(update(tables.runs).where(tables.runs.c.id == run).values(expires_at=1))
    url, end = f"/v1/threads/{thread_id(visitor)}/runs/{run}", time.monotonic() + 20
    while visitor.client.get(url).json()["status"] != "expired":
        assert time.monotonic() < end
        time.sleep(0.1)


@contextmanager
def at_home(house: House, chat: str = "") -> Iterator[Visitor]:
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.chat = chat
        if not chat:
            visitor.open("/")
        yield visitor
