"""What programs do is recorded in passing: calls, streams and runs, without their secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio
import httpx2
import pytest

from app.api.application import create_api
from app.api.program_runs import ProgramRuns
from app.clock import SystemClock
from app.connections.transport import InProcessTransport
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.journal.entry import Entry
from app.journal.journal import Journal
from app.journal.programs import ProgramJournal

KEY = "sk-program-secret-000000"


@pytest.fixture
def journal(engine: Engine) -> Journal:
    return Journal(engine.database, SystemClock())


@pytest.fixture
async def programs(engine: Engine, journal: Journal) -> AsyncIterator[ProgramRuns]:
    runs = ProgramRuns(engine, ProgramJournal(journal, SystemClock()))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runs.work)
        tasks.start_soon(Worker(engine).work)
        yield runs
        tasks.cancel_scope.cancel()


@pytest.fixture
async def program(engine: Engine, programs: ProgramRuns) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(create_api(engine, (), programs=programs), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


async def recorded(journal: Journal, programs: ProgramRuns) -> list[Entry]:
    await programs.journal.flush()
    return [await journal.reader.entry(entry.number) for entry in await journal.entries("")]


async def wait_for_event(journal: Journal, name: str) -> list[Entry]:
    async with asyncio.timeout(10):
        while True:
            entries = await journal.entries("")
            if any(entry.name == name for entry in entries):
                return entries
            await asyncio.sleep(0.05)


async def test_a_call_is_recorded_for_whom_it_was_and_without_its_key(
    program: httpx2.AsyncClient, journal: Journal, programs: ProgramRuns
) -> None:
    body = {"metadata": {"password": "hush"}}
    made = await program.post("/v1/threads?api-key=hush", json=body, headers={"api-key": KEY})
    (entry,) = await recorded(journal, programs)
    assert (entry.session_id, entry.principal, entry.name, entry.state) == ("", "local", "POST", "ok")
    assert entry.thread_id == made.json()["id"]
    assert entry.data["status"] == 200
    assert entry.data["request_id"] == made.headers["x-request-id"]
    assert "metadata" in (entry.detail or "")
    for secret in (KEY, "hush"):
        assert secret not in f"{entry.detail}{entry.data}"


async def test_errors_uploads_and_downloads_are_recorded_without_their_contents(
    program: httpx2.AsyncClient, journal: Journal, programs: ProgramRuns
) -> None:
    await program.get("/v1/threads/thread_none")
    sent = {"file": ("a.txt", b"upload contents")}
    file = (await program.post("/v1/files", files=sent, data={"purpose": "assistants"})).json()
    assert (await program.get(f"/v1/files/{file['id']}/content")).content == b"upload contents"
    missing, upload, download = await recorded(journal, programs)
    assert (missing.state, missing.data["status"], missing.thread_id) == ("failed", 404, "thread_none")
    assert "upload contents" not in f"{upload.detail}{download.detail}"
    assert "bytes of multipart/form-data" in (upload.detail or "")
    assert "<15 bytes of " in (download.detail or "")


async def test_what_strangers_send_is_not_kept(engine: Engine, journal: Journal, programs: ProgramRuns) -> None:
    transport = httpx2.ASGITransport(create_api(engine, (), programs=programs))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as stranger:
        await stranger.post("/v1/threads", json={"metadata": {"a": "spam"}})
    (entry,) = await recorded(journal, programs)
    assert (entry.principal, entry.data["status"]) == ("", 401)
    assert "spam" not in (entry.detail or "")


async def test_where_people_sign_in_strangers_push_nobodys_entries_out(
    engine: Engine, journal: Journal, programs: ProgramRuns
) -> None:
    async def person_of(key: str) -> str | None:
        return "ada" if key == "key-of-ada" else None

    transport = httpx2.ASGITransport(create_api(engine, (), person_of, programs=programs))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        for key in ("guess", "key-of-ada", ""):
            await client.get("/v1/threads", headers={"api-key": key})
    (entry,) = await recorded(journal, programs)
    assert entry.principal == "ada"


async def test_the_pages_own_calls_are_left_to_its_client(
    engine: Engine, journal: Journal, programs: ProgramRuns
) -> None:
    transport = InProcessTransport(create_api(engine, (), programs=programs), "local")
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as page:
        assert (await page.post("/v1/threads", json={})).is_success
    assert await recorded(journal, programs) == []


@pytest.mark.parametrize("stream", [True, False])
async def test_a_run_is_followed_whether_or_not_it_is_streamed(
    program: httpx2.AsyncClient, journal: Journal, programs: ProgramRuns, *, stream: bool
) -> None:
    assistant = (await program.post("/v1/assistants", json={"model": "gpt-4o"})).json()["id"]
    thread = (await program.post("/v1/threads", json={})).json()["id"]
    body = {"assistant_id": assistant, "stream": stream}
    run = await program.post(f"/v1/threads/{thread}/runs", json=body)
    assert run.is_success
    entries = await wait_for_event(journal, "thread.run.failed")  # The model has nothing to say.
    (call,) = [entry for entry in entries if entry.kind == "exchange" and entry.data["path"].endswith("/runs")]  # type: ignore[attr-defined]  # a path is text
    events = [entry for entry in entries if entry.kind == "run_event"]
    assert events[0].name == "thread.run.created"
    assert {entry.run_id for entry in [call, *events]} == {call.run_id}
    assert call.run_id
    assert not any(entry.name.endswith("delta") for entry in events)
    if stream:
        assert "marks" in ((await journal.reader.entry(call.number)).detail or "")
