"""The first shape of the API, and its place beside the second one."""

from __future__ import annotations

import io
from typing import Any

import httpx2
import pytest

V1 = "api-version=2024-02-15-preview"
V2 = "api-version=2024-05-01-preview"


async def upload(client: httpx2.AsyncClient, name: str = "a.txt") -> str:
    files = {"file": (name, io.BytesIO(b"hello"))}
    response = await client.post(f"/openai/files?{V1}", files=files, data={"purpose": "assistants"})
    return str(response.json()["id"])


async def post(client: httpx2.AsyncClient, path: str, body: Any = None) -> Any:
    response = await client.post(path, json=body or {})
    assert response.status_code == 200, response.text
    return response.json()


async def test_an_assistant_made_in_v1_is_whole_in_v2(client: httpx2.AsyncClient) -> None:
    file_id = await upload(client)
    body = {"model": "scripted", "tools": [{"type": "retrieval"}], "file_ids": [file_id]}
    made = await post(client, f"/openai/assistants?{V1}", body)
    later = (await client.get(f"/openai/assistants/{made['id']}?{V2}")).json()
    assert (made["tools"], made["file_ids"]) == ([{"type": "retrieval"}], [file_id])
    assert "tool_resources" not in made
    assert later["tools"] == [{"type": "file_search"}]
    assert later["tool_resources"]["code_interpreter"] == {"file_ids": [file_id]}
    assert len(later["tool_resources"]["file_search"]["vector_store_ids"]) == 1


async def test_an_assistant_made_in_v2_lists_in_v1(client: httpx2.AsyncClient) -> None:
    await post(client, f"/openai/assistants?{V2}", {"model": "scripted", "tools": [{"type": "file_search"}]})
    listed = (await client.get(f"/openai/assistants?{V1}")).json()
    assert listed["data"][0]["file_ids"] == []
    assert listed["data"][0]["tools"] == [{"type": "retrieval"}]


async def test_the_beta_header_chooses_v1_in_openais_dialect_only(client: httpx2.AsyncClient) -> None:
    headers = {"openai-beta": "assistants=v1"}
    openai = (await client.post("/v1/assistants", json={"model": "scripted"}, headers=headers)).json()
    azure = (await client.post(f"/openai/assistants?{V2}", json={"model": "scripted"}, headers=headers)).json()
    assert openai["file_ids"] == []
    assert "file_ids" not in azure


async def test_a_messages_files_are_attachments_in_v2(client: httpx2.AsyncClient) -> None:
    file_id = await upload(client)
    thread = await post(client, f"/openai/threads?{V1}")
    path = f"/openai/threads/{thread['id']}/messages"
    made = await post(client, f"{path}?{V1}", {"role": "user", "content": "See", "file_ids": [file_id]})
    later = (await client.get(f"{path}/{made['id']}?{V2}")).json()
    listed = (await client.get(f"{path}/{made['id']}/files?{V1}")).json()
    assert made["file_ids"] == [file_id]
    assert [attachment["file_id"] for attachment in later["attachments"]] == [file_id]
    assert [file["object"] for file in listed["data"]] == ["thread.message.file"]


async def test_files_are_attached_and_detached(client: httpx2.AsyncClient) -> None:
    first, second = await upload(client), await upload(client, "b.txt")
    assistant = await post(client, f"/openai/assistants?{V1}", {"model": "scripted", "file_ids": [first]})
    path = f"/openai/assistants/{assistant['id']}/files"
    await post(client, f"{path}?{V1}", {"file_id": second})
    page = (await client.get(f"{path}?{V1}&order=asc&limit=1")).json()
    rest = (await client.get(f"{path}?{V1}&order=asc&after={page['last_id']}")).json()
    detached = (await client.delete(f"{path}/{first}?{V1}")).json()
    assert [page["data"][0]["id"], rest["data"][0]["id"]] == [first, second]
    assert page["has_more"]
    assert detached == {"id": first, "object": "assistant.file.deleted", "deleted": True}
    assert (await client.get(f"{path}/{first}?{V1}")).status_code == 404


@pytest.mark.parametrize("version", [V2, "api-version=2025-03-01-preview"])
async def test_later_versions_do_not_have_its_routes(client: httpx2.AsyncClient, version: str) -> None:
    assistant = await post(client, f"/openai/assistants?{V1}", {"model": "scripted"})
    assert (await client.get(f"/openai/assistants/{assistant['id']}/files?{version}")).status_code == 404


async def test_too_many_files_are_refused_in_its_words(client: httpx2.AsyncClient) -> None:
    body = {"model": "scripted", "file_ids": [f"assistant-{number}" for number in range(21)]}
    response = await client.post(f"/openai/assistants?{V1}", json=body)
    assert (response.status_code, response.json()["error"]["param"]) == (400, "file_ids")
