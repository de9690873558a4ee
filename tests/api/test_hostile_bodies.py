"""Bodies that try to break the server: too deep, too large, no numbers, no text; and bodies of nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from app.api.application import create_api
from app.clock import SystemClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.ids import RandomIds
from tests.api.test_uploads import FILE_PART, PURPOSE_PART, upload
from tests.databases import BACKENDS, migrated_database
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedProvider

FUNCTION = '{"model": "scripted", "tools": [{"type": "function", "function": {"name": "f", "parameters": {"a": %s}}}]}'


async def refusal(client: httpx2.AsyncClient, path: str, body: str | bytes) -> str:
    response = await client.post(path, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400, response.text
    return str(response.json()["error"]["message"])


async def test_numbers_that_are_none_are_refused(client: httpx2.AsyncClient) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e400"):
        assert "number" in await refusal(client, "/v1/assistants", FUNCTION % number)


async def test_what_is_nested_too_deeply_is_refused(client: httpx2.AsyncClient) -> None:
    for depth in (101, 400, 100_000):
        assert "nested too deeply" in await refusal(client, "/v1/assistants", FUNCTION % ("[" * depth + "]" * depth))


async def test_what_is_nested_as_schemas_are_is_kept(client: httpx2.AsyncClient) -> None:
    nested = '{"type": "object", "properties": {"a": ' * 40 + "{}" + "}}" * 40
    response = await client.post(
        "/v1/assistants", content=FUNCTION % nested, headers={"content-type": "application/json"}
    )
    assert response.status_code == 200, response.text


async def test_what_is_stored_with_an_object_has_a_size(client: httpx2.AsyncClient) -> None:
    function = {"name": "f", "parameters": {"type": "object", "description": "x" * (1024 * 1024)}}
    tools = [{"type": "function", "function": function}]
    form = {"type": "json_schema", "json_schema": {"name": "f", "schema": {"a": "x" * (1024 * 1024)}}}
    for field, value in (("tools", tools), ("response_format", form), ("model", "x" * 513)):
        body = {"model": "scripted", field: value}
        for path in ("/v1/assistants", "/v1/threads/runs"):
            ids = {"assistant_id": "asst_1"} if path.endswith("runs") else {}
            response = await client.post(path, json=body | ids)
            assert response.status_code == 400, response.text
            assert response.json()["error"]["param"].startswith(field)
    assert "larger than 1 MB" in (await client.post("/v1/assistants", json={"model": "m", "tools": tools})).text
    stores = {"file_search": {"vector_stores": [{"file_ids": ["file-1"] * 10_001}]}}
    assert "maximum length 10000" in (await client.post("/v1/threads", json={"tool_resources": stores})).text
    tools[0]["function"] = {**function, "parameters": {"description": "x" * 1_000_000}}
    assert (await client.post("/v1/assistants", json={"model": "scripted", "tools": tools})).is_success


async def test_other_encodings_do_not_get_past_the_checks(client: httpx2.AsyncClient) -> None:
    for encoding in ("utf-16", "utf-32"):
        body = '{"model": "scripted", "name": "a\\u0000"}'.encode(encoding)
        assert "UTF-8" in await refusal(client, "/v1/assistants", body)


async def test_a_search_has_twenty_queries_at_most(client: httpx2.AsyncClient) -> None:
    store = (await client.post("/v1/vector_stores", json={})).json()["id"]
    for query in (["a"] * 21, "a" * 4097, ["a" * 4097]):
        response = await client.post(f"/v1/vector_stores/{store}/search", json={"query": query})
        assert response.status_code == 400
    assert (await client.post(f"/v1/vector_stores/{store}/search", json={"query": ["a"] * 20})).status_code == 200


async def test_a_thread_begins_with_a_thousand_messages_at_most(client: httpx2.AsyncClient) -> None:
    messages = [{"role": "user", "content": "x"}] * 1001
    response = await client.post("/v1/threads", json={"messages": messages})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "messages")


@pytest.mark.parametrize("backend", BACKENDS)
async def test_values_that_no_column_holds_are_refused(tmp_path: Path, backend: str) -> None:
    with migrated_database(backend, tmp_path) as url:
        database = Database(url)
        models, blobs = Catalogue([ScriptedProvider()]), Blobs(tmp_path / "files")
        engine = Engine(
            database=database,
            blobs=blobs,
            models=models,
            interpreter=ScriptedInterpreter(),
            clock=SystemClock(),
            ids=RandomIds(),
        )
        transport = httpx2.ASGITransport(create_api(engine, ()), raise_app_exceptions=False)
        headers = {"authorization": "Bearer any"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://test/v1", headers=headers) as client:
            for path in ("/assistants/%00", "/assistants?after=%00", "/files?purpose=%00", "/threads?query=%00"):
                assert (await client.get(path)).status_code in {200, 400, 404}, path
        await database.aclose()


async def test_nobodys_body_is_not_even_read(engine: Engine) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"metadata": '

    transport = httpx2.ASGITransport(create_api(engine, (SecretStr("right-key"),)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as stranger:
        response = await stranger.post("/v1/threads", content=body(), headers={"content-type": "application/json"})
    assert response.status_code == 401


async def test_file_names_in_any_character_set_are_read_or_refused(client: httpx2.AsyncClient) -> None:
    for name in ("utf-8\x00''x", "raw_unicode_escape''%5Cud800", f"idna''{'a' * 300}", "utf-8''%00"):
        part = f'Content-Disposition: form-data; name="file"; filename*={name}\r\n\r\nhello'
        response = await upload(client, part, PURPOSE_PART)
        assert response.status_code in {200, 400}
        if response.status_code == 200:
            assert response.json()["filename"].isprintable()


async def test_fields_beside_the_file_do_not_fill_the_memory(client: httpx2.AsyncClient) -> None:
    fields = (f'Content-Disposition: form-data; name="f{number}"\r\n\r\n{"a" * 60_000}' for number in range(5))
    response = await upload(client, *fields, FILE_PART, PURPOSE_PART)
    assert response.status_code == 400
    assert "too long" in response.json()["error"]["message"]
