"""What a move carries, what it can't, and how it goes on: from a second engine over real HTTP, refusals included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from openai import AzureOpenAI

from app.connections.connection import BUILT_IN, Connection
from tests.live import serve
from tests.playground.connections.conftest import KEY
from tests.playground.visitor import Visitor, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.playground.conftest import House

VERSION = "2025-03-01-preview"


@pytest.fixture
def origin(address: str) -> Iterator[AzureOpenAI]:
    with AzureOpenAI(azure_endpoint=address, api_key=KEY, api_version=VERSION) as client:
        yield client


@pytest.fixture
def visitor(house: House, address: str) -> Iterator[Visitor]:
    """Come to a page from which the other engine is to be moved."""
    house.remotes = (Connection("Old", "azure", address, api_key=KEY, api_version=VERSION),)
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        yield visitor


@pytest.fixture
def target(visitor: Visitor) -> Iterator[AzureOpenAI]:
    endpoint = str(visitor.client.base_url)
    with AzureOpenAI(azure_endpoint=endpoint, api_key="any", api_version=BUILT_IN.api_version) as client:
        yield client


@pytest.mark.filterwarnings("ignore:The Assistants API is deprecated:DeprecationWarning")
def test_files_stores_assistants_and_threads_are_carried_and_a_second_move_goes_on(
    visitor: Visitor, remote: House, origin: AzureOpenAI, target: AzureOpenAI
) -> None:
    table = origin.files.create(file=("sales.csv", b"month,sum\n1,2\n"), purpose="assistants")
    secret = origin.files.create(file=("notes.txt", b"The door code is 4711."), purpose="assistants")
    store = origin.vector_stores.create(name="Notes", file_ids=[secret.id])
    while origin.vector_stores.retrieve(store.id).file_counts.in_progress:
        time.sleep(0.05)
    assistant = origin.beta.assistants.create(
        model="scripted",
        name="Clerk",
        instructions="Answer.",
        temperature=0.3,
        tools=[{"type": "code_interpreter"}, {"type": "file_search"}],
        tool_resources={
            "code_interpreter": {"file_ids": [table.id]},
            "file_search": {"vector_store_ids": [store.id]},
        },
    )
    thread = origin.beta.threads.create(metadata={"topic": "sales"})
    for role, text in (("user", "How much?"), ("assistant", "Two.")):
        attachments = [{"file_id": table.id, "tools": [{"type": "code_interpreter"}]}] if role == "user" else []
        origin.beta.threads.messages.create(thread.id, role=role, content=text, attachments=attachments)  # type: ignore[arg-type]  # words of the API
    remote.flaky.refusals = {f"openai/files/{secret.id}/content": 400, "/messages": 500}

    first = move(visitor, thread.id)
    assert "Assistants1 moved" in first
    assert "Files2 moved, 1 of them not whole" in first
    assert "the text that it had read from it was carried" in first
    assert "Threads0 moved, 1 failed" in first
    remote.flaky.refusals = {}
    second = move(visitor, thread.id)
    assert "Assistants0 moved, 1 moved earlier" in second
    assert "Threads1 moved" in second

    (copy,) = target.beta.assistants.list().data
    assert (copy.name, copy.temperature, copy.instructions) == ("Clerk", 0.3, "Answer.")
    assert copy.tool_resources
    assert copy.tool_resources.code_interpreter
    assert copy.tool_resources.file_search
    (table_id,) = copy.tool_resources.code_interpreter.file_ids or []
    assert target.files.content(table_id).content == b"month,sum\n1,2\n"
    (store_id,) = copy.tool_resources.file_search.vector_store_ids or []
    (in_store,) = target.vector_stores.files.list(store_id).data
    assert b"4711" in target.files.content(in_store.id).content
    rows = target.get("/threads?has_messages=true", cast_to=dict[str, list[dict[str, str]]])["data"]
    (moved,) = [row for row in rows if row["id"] != visitor.chat]
    messages = target.beta.threads.messages.list(moved["id"], order="asc").data
    assert [(message.role, message.content[0].to_dict()["text"]["value"]) for message in messages] == [  # type: ignore[index]  # text
        ("user", "How much?"),
        ("assistant", "Two."),
    ]
    assert messages[0].attachments
    assert messages[0].attachments[0].file_id == table_id
    assert origin.beta.assistants.retrieve(assistant.id).name == "Clerk"
    assert len(origin.files.list().data) == 2


def test_a_wrong_thread_id_is_refused_before_anything_moves(visitor: Visitor) -> None:
    answer = visitor.send("move", name="Old", thread_ids="thread_1 ../../x")
    assert answer.status_code == 400
    assert "is no thread id" in answer.text
    assert visitor.send("move", name=BUILT_IN.name).status_code == 403


def test_an_origin_that_is_down_stops_the_move_and_says_so(visitor: Visitor, remote: House) -> None:
    remote.flaky.refusals = {"": 502}
    assert "The move stopped" in move(visitor, "")


def move(visitor: Visitor, thread_ids: str) -> str:
    """Move everything, wait for the end, and return the report."""
    fields = {"name": "Old", "assistants": "true", "thread_ids": thread_ids}
    answer = visitor.send("move", **fields)
    assert answer.is_success, answer.text
    end = time.monotonic() + 30
    while time.monotonic() < end:
        text = visitor.client.get(f"{visitor.chat}/move/progress", params={"name": "Old"}).text
        if "aria-busy" not in text:
            return str(parsed(text).text_content())
        time.sleep(0.05)
    raise TimeoutError("The move does not end.")
