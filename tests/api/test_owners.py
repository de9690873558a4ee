"""Every route, walked with a stranger's credentials: it shows nothing of others and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.application import create_api
from app.engine.engine import Engine
from app.engine.store import rows, tables

SECRET = "secret-of-alice"
BODIES: Mapping[str, dict[str, object]] = {
    "/threads/{thread_id}/messages": {"role": "user", "content": "mine now"},
    "/threads/{thread_id}/runs": {"assistant_id": "{assistant_id}"},
    "/threads/runs": {"assistant_id": "{assistant_id}"},
    "/assistants": {"model": "scripted", "tool_resources": {"code_interpreter": {"file_ids": ["{file_id}"]}}},
    "/threads": {"messages": [{"role": "user", "content": "x", "attachments": [{"file_id": "{file_id}", "tools": [
        {"type": "file_search"}]}]}]},
    "/vector_stores": {"file_ids": ["{file_id}"]},
    "/vector_stores/{store_id}/files": {"file_id": "{file_id}"},
    "/vector_stores/{store_id}/file_batches": {"file_ids": ["{file_id}"]},
    "/vector_stores/{store_id}/search": {"query": SECRET},
    "/vector_stores/{store_id}/files/{file_id}": {"attributes": {"a": "b"}},
    "/threads/{thread_id}/runs/{run_id}/submit_tool_outputs": {"tool_outputs": []},
    "/assistants/{assistant_id}/sharing": {"is_shared": True},
    "/vector_stores/{store_id}/sharing": {"is_shared": True},
    "/assistants/{assistant_id}/files": {"file_id": "{file_id}"},
}  # fmt: skip
SHARED = ("/assistants/{assistant_id}", "/vector_stores/{store_id}")
OPEN = {"GET /limits", "GET /models", "GET /models/{model:path}", "POST /files"}
"""Routes that name nothing of anybody's."""


class As:
    """The API as the page calls it for a person who signed in."""

    def __init__(self, app: ASGIApp, person_id: str) -> None:
        self._app = app
        self._person_id = person_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {"principal": self._person_id}
        await self._app(scope, receive, send)


@asynccontextmanager
async def signed_in(engine: Engine, person_id: str) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(As(create_api(engine, ()), person_id))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/v1") as client:
        yield client


async def made(client: httpx2.AsyncClient, path: str, body: dict[str, object]) -> str:
    response = await client.post(path, json=body)
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


@pytest.fixture
async def ids(engine: Engine) -> dict[str, str]:
    """Make one of everything as Alice."""
    async with signed_in(engine, "alice") as alice:
        upload = await alice.post("/files", files={"file": (SECRET, SECRET.encode())}, data={"purpose": "assistants"})
        file_id = upload.json()["id"]
        assistant_id = await made(alice, "/assistants", {"model": "scripted", "name": SECRET})
        thread_id = await made(alice, "/threads", {"metadata": {"a": SECRET}})
        message_id = await made(alice, f"/threads/{thread_id}/messages", {"role": "user", "content": SECRET})
        run_id = await made(alice, f"/threads/{thread_id}/runs", {"assistant_id": assistant_id})
        store_id = await made(alice, "/vector_stores", {"name": SECRET})
        batch_id = await made(alice, f"/vector_stores/{store_id}/file_batches", {"file_ids": [file_id]})
        return {
            "assistant_id": assistant_id,
            "thread_id": thread_id,
            "message_id": message_id,
            "run_id": run_id,
            "file_id": file_id,
            "store_id": store_id,
            "batch_id": batch_id,
        }


def routes(engine: Engine) -> list[tuple[str, str]]:
    app = vars(create_api(engine, ()))["_app"]
    assert isinstance(app, FastAPI)
    return [
        (method, route.path.removeprefix("/v1"))
        for route in app.routes
        if isinstance(route, APIRoute) and route.path.startswith("/v1/")
        for method in sorted(route.methods or ())
    ]


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    match value:
        case str():
            for name, found in {**ids, "step_id": "step_none", "index": "0", "mark": "0"}.items():
                value = value.replace(f"{{{name}}}", found)
            return value
        case list():
            return [filled(item, ids) for item in value]
        case dict():
            return {name: filled(item, ids) for name, item in value.items()}
        case _:
            return value


async def everything(engine: Engine) -> list[object]:
    owned = (tables.assistants, tables.threads, tables.messages, tables.runs, tables.files, tables.store_files)
    return [
        await engine.database.read(partial(rows.list_rows, table=table, cursor=rows.Cursor(100))) for table in owned
    ]


async def test_a_stranger_gets_nothing_and_changes_nothing(engine: Engine, ids: dict[str, str]) -> None:
    before = await everything(engine)
    leaks = []
    async with signed_in(engine, "bob") as bob:
        for method, path in routes(engine):
            if f"{method} {path}" in OPEN:
                continue
            body = filled(dict(BODIES.get(path, {"metadata": {"a": "b"}})), ids) if method == "POST" else None
            address = filled(path, ids)
            assert "{" not in address, path
            response = await bob.request(method, address, json=body)
            is_refused = response.status_code in {400, 404} or response.json().get("data") == []
            if not is_refused or SECRET in response.text:
                leaks.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
    assert leaks == []
    assert await everything(engine) == before


async def test_what_is_shared_is_seen_by_all_and_changed_by_its_owner(engine: Engine, ids: dict[str, str]) -> None:
    async with signed_in(engine, "alice") as alice:
        for kind in SHARED:
            shared = await alice.post(f"{filled(kind, ids)}/sharing", json={"is_shared": True})
            assert shared.json()["is_own"], shared.text
    async with signed_in(engine, "bob") as bob:
        seen = await bob.get(f"/assistants/{ids['assistant_id']}")
        assert seen.json()["name"] == SECRET
        thread_id = await made(bob, "/threads", {})
        await made(bob, f"/threads/{thread_id}/runs", {"assistant_id": ids["assistant_id"]})
        assert (await bob.post(f"/vector_stores/{ids['store_id']}/search", json={"query": "a"})).status_code == 200
        for kind in SHARED:
            sharing = (await bob.get(f"{filled(kind, ids)}/sharing")).json()
            assert (sharing["is_shared"], sharing["is_own"], sharing["owner_id"]) == (True, False, "alice")
    async with signed_in(engine, "alice") as alice:
        assert (await alice.get(f"/assistants/{ids['assistant_id']}")).json()["name"] == SECRET


async def test_what_is_shared_is_changed_by_nobody_else(engine: Engine, ids: dict[str, str]) -> None:
    async with signed_in(engine, "alice") as alice:
        for kind in SHARED:
            await alice.post(f"{filled(kind, ids)}/sharing", json={"is_shared": True})
    before, done = await everything(engine), []
    async with signed_in(engine, "bob") as bob:
        own = await bob.post("/files", files={"file": ("b.txt", b"b")}, data={"purpose": "assistants"})
        before = await everything(engine)
        for method, path in routes(engine):
            if method == "GET" or not path.startswith(SHARED) or path.endswith("/search"):
                continue
            body = filled(dict(BODIES.get(path, {"metadata": {"a": "b"}})), {**ids, "file_id": own.json()["id"]})
            response = await bob.request(method, filled(path, ids), json=body if method == "POST" else None)
            if response.status_code not in {403, 404}:
                done.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
    assert done == []
    assert await everything(engine) == before


async def test_sharing_ends_when_its_owner_says_so(engine: Engine, ids: dict[str, str]) -> None:
    path = f"/assistants/{ids['assistant_id']}"
    async with signed_in(engine, "alice") as alice, signed_in(engine, "bob") as bob:
        await alice.post(f"{path}/sharing", json={"is_shared": True})
        assert (await bob.get(path)).status_code == 200
        assert (await bob.post(f"{path}/sharing", json={"is_shared": False})).status_code == 403
        await alice.post(f"{path}/sharing", json={"is_shared": False})
        assert (await bob.get(path)).status_code == 404


async def test_where_nobody_signs_in_everything_is_everybodys(
    engine: Engine, ids: dict[str, str], client: httpx2.AsyncClient
) -> None:
    assert (await client.get(f"/v1/threads/{ids['thread_id']}")).status_code == 200


async def test_a_key_shows_its_persons_things_and_a_servers_key_nobodys(engine: Engine, ids: dict[str, str]) -> None:
    async def person_of(key: str) -> str | None:
        return {"key-of-alice": "alice", "key-of-bob": "bob"}.get(key)

    transport = httpx2.ASGITransport(create_api(engine, (SecretStr("server-key"),), person_of))
    statuses = {}
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/v1") as client:
        for key in ("key-of-alice", "key-of-bob", "server-key", "unknown", ""):
            headers = {"authorization": f"Bearer {key}"}
            statuses[key] = (await client.get(f"/threads/{ids['thread_id']}", headers=headers)).status_code
    assert statuses == {"key-of-alice": 200, "key-of-bob": 404, "server-key": 404, "unknown": 401, "": 401}
