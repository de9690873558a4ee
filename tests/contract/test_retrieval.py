"""The first version's `retrieval`: files of assistants and messages are searched without any vector store in sight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from openai import OpenAI
from openai.types.beta.assistant import ToolResources

ASK = 'Which fruit is yellow?\n!call file_search {"queries": ["yellow fruit"]}\n!say Bananas【4:0†banana.txt】.'


@pytest.fixture
def v1(server_url: str) -> Iterator[httpx2.Client]:
    address = f"{server_url}/openai"
    with httpx2.Client(base_url=address, params={"api-version": "2024-02-15-preview"}, trust_env=False) as client:
        client.headers["api-key"] = "any"
        yield client


def post(v1: httpx2.Client, path: str, body: dict[str, Any]) -> Any:
    response = v1.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def upload(client: OpenAI, name: str, content: bytes) -> str:
    return client.files.create(file=(name, content), purpose="assistants").id


def ask(client: OpenAI, v1: httpx2.Client, assistant_id: str, file_ids: list[str]) -> Any:
    """Run the assistant on a new thread whose message has the files; return the answer's text."""
    thread = post(v1, "/threads", {"messages": [{"role": "user", "content": ASK, "file_ids": file_ids}]})
    run = post(v1, f"/threads/{thread['id']}/runs", {"assistant_id": assistant_id})
    ended = client.beta.threads.runs.poll(run["id"], thread_id=thread["id"])
    assert ended.status == "completed"
    steps = v1.get(f"/threads/{thread['id']}/runs/{run['id']}/steps").json()["data"]
    assert steps[-1]["step_details"]["tool_calls"][0]["type"] == "retrieval"
    return v1.get(f"/threads/{thread['id']}/messages").json()["data"][0]["content"][0]["text"]


def check_citation(text: Any, file_id: str) -> None:
    [citation] = text["annotations"]
    assert citation["file_citation"]["file_id"] == file_id
    assert citation["file_citation"]["quote"] == "The banana is a yellow fruit."
    assert text["value"][citation["start_index"] : citation["end_index"]] == "【4:0†banana.txt】"


def test_an_assistants_files_are_searched_and_cited(client: OpenAI, v1: httpx2.Client) -> None:
    banana = upload(client, "banana.txt", b"The banana is a yellow fruit.")
    table = upload(client, "table.csv", b"a,b")
    body = {"model": "gpt-4", "tools": [{"type": "retrieval"}], "file_ids": [banana, table]}
    assistant = post(v1, "/assistants", body)
    assert (assistant["tools"], assistant["file_ids"]) == ([{"type": "retrieval"}], [banana, table])
    check_citation(ask(client, v1, assistant["id"], []), banana)


def test_a_messages_files_are_searched_and_cited(client: OpenAI, v1: httpx2.Client) -> None:
    banana = upload(client, "banana.txt", b"The banana is a yellow fruit.")
    assistant = post(v1, "/assistants", {"model": "gpt-4", "tools": [{"type": "retrieval"}]})
    check_citation(ask(client, v1, assistant["id"], [banana]), banana)


def test_files_that_come_and_go_are_followed(client: OpenAI, v1: httpx2.Client) -> None:
    banana = upload(client, "banana.txt", b"The banana is a yellow fruit.")
    assistant = post(v1, "/assistants", {"model": "gpt-4"})
    path = f"/assistants/{assistant['id']}"
    post(v1, f"{path}/files", {"file_id": banana})
    assert client.beta.assistants.retrieve(assistant["id"]).tool_resources == _resources([banana], None)
    post(v1, path, {"tools": [{"type": "retrieval"}]})
    check_citation(ask(client, v1, assistant["id"], []), banana)
    assert v1.delete(f"{path}/files/{banana}").json()["deleted"]
    assert ask(client, v1, assistant["id"], [])["annotations"] == []
    post(v1, path, {"file_ids": [banana]})
    check_citation(ask(client, v1, assistant["id"], []), banana)
    [store] = [one for one in client.vector_stores.list(limit=100) if one.name == f"Files of {assistant['id']}"]
    v1.delete(path)
    assert store.id not in [one.id for one in client.vector_stores.list(limit=100)]


def test_a_store_of_another_making_is_left_alone(client: OpenAI, v1: httpx2.Client) -> None:
    banana = upload(client, "banana.txt", b"The banana is a yellow fruit.")
    store = client.vector_stores.create()
    resources: Any = {"file_search": {"vector_store_ids": [store.id]}}
    assistant = client.beta.assistants.create(model="gpt-4", tools=[{"type": "file_search"}], tool_resources=resources)
    post(v1, f"/assistants/{assistant.id}/files", {"file_id": banana})
    assert client.beta.assistants.retrieve(assistant.id).tool_resources == _resources([banana], [store.id])


def _resources(file_ids: list[str], store_ids: list[str] | None) -> Any:
    search = {"file_search": {"vector_store_ids": store_ids}} if store_ids else {}
    return ToolResources.model_validate({"code_interpreter": {"file_ids": file_ids}, **search})
