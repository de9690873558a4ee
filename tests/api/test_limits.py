"""Limits as a program meets them: the status, the code, and when to try again."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from app.api.application import create_api
from app.engine.allowance import Allowance
from app.engine.engine import Engine
from app.limits import Limits

MB = 1024 * 1024


def client_of(engine: Engine, limits: Limits) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(
        create_api(replace(engine, allowance=Allowance(lambda _connection, _person: limits)), ())
    )
    headers = {"authorization": "Bearer any"}
    return httpx2.AsyncClient(transport=transport, base_url="http://test/v1", headers=headers)


@pytest.mark.parametrize("limits", [Limits(runs_at_once=1), Limits(runs_per_minute=1)])
async def test_a_run_too_many_is_429_with_retry_after(engine: Engine, limits: Limits) -> None:
    async with client_of(engine, limits) as client:
        assistant = (await client.post("/assistants", json={"model": "scripted"})).json()["id"]
        for expected in (200, 429):
            response = await client.post("/threads/runs", json={"assistant_id": assistant})
            assert response.status_code == expected, response.text
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert response.json()["error"]["code"] == "rate_limit_exceeded"


async def test_a_large_upload_is_413_and_a_full_storage_400(engine: Engine) -> None:
    async with client_of(engine, Limits(upload_mb=1, storage_mb=1)) as client:

        async def upload(size: int) -> httpx2.Response:
            form = {"file": ("a.txt", b"x" * size)}
            return await client.post("/files", files=form, data={"purpose": "assistants"})

        large = await upload(MB + 1)
        assert (large.status_code, "larger than 1 MB" in large.text) == (413, True)
        assert (await upload(MB)).status_code == 200
        full = await upload(1)
        assert (full.status_code, full.json()["error"]["code"]) == (400, "storage_limit_exceeded")


async def test_a_program_can_ask_what_it_may_take(engine: Engine) -> None:
    async with client_of(engine, Limits(runs_per_minute=9, storage_mb=2)) as client:
        assistant = (await client.post("/assistants", json={"model": "scripted"})).json()["id"]
        await client.post("/threads/runs", json={"assistant_id": assistant})
        await client.post("/files", files={"file": ("a.txt", b"x" * 10)}, data={"purpose": "assistants"})
        assert (await client.get("/limits")).json() == {
            "object": "limits",
            "runs_at_once": {"used": 1, "limit": None},
            "runs_per_minute": {"used": 1, "limit": 9},
            "storage_bytes": {"used": 10, "limit": 2 * MB},
            "largest_upload_bytes": 512 * MB,
        }
