"""Files by the engine's rules: lifetime, and what becomes of those that use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clock import FakeClock
from app.engine import files, threads, vector_stores
from app.engine.engine import Engine
from app.engine.store.rows import Cursor
from app.engine.sweeper import sweep
from app.errors import NotFound
from app.wire.files import File
from app.wire.threads import CreateThread
from app.wire.vector_stores import CreateVectorStore


async def upload_for(engine: Engine, lifetime_seconds: int | None, purpose: str = "assistants") -> File:
    async with engine.blobs.writer() as blob:
        await blob.write(b"Words")
    return await files.store_upload(engine, blob, "a.txt", purpose, "file-", lifetime_seconds)


async def test_an_expired_file_is_gone_before_it_is_swept(engine: Engine, clock: FakeClock) -> None:
    file, kept = await upload_for(engine, 3600), await upload_for(engine, None)
    assert (file.expires_at, kept.expires_at) == (file.created_at + 3600, None)
    clock.advance(3599)
    assert await files.get_file(engine, file.id) == file
    clock.advance(1)
    assert (await files.list_files(engine, Cursor(), None)).data == [kept]
    for act in (files.get_file, files.file_content, files.delete_file):
        with pytest.raises(NotFound, match=f"No such File object: {file.id}. It has expired."):
            await act(engine, file.id)


async def test_sweeping_deletes_bytes_and_whatever_used_the_file(
    engine: Engine, clock: FakeClock, tmp_path: Path
) -> None:
    file = await upload_for(engine, 3600)
    resources = {"code_interpreter": {"file_ids": [file.id]}}
    thread = await threads.create_thread(engine, CreateThread.model_validate({"tool_resources": resources}))
    store = await vector_stores.create_vector_store(engine, CreateVectorStore(file_ids=[file.id]))
    await sweep(engine)
    assert (await vector_stores.get_vector_store(engine, store.id)).file_counts.total == 1
    clock.advance(3600)
    await sweep(engine)
    assert (await vector_stores.get_vector_store(engine, store.id)).file_counts.total == 0
    assert (await threads.get_thread(engine, thread.id)).tool_resources == {"code_interpreter": {"file_ids": []}}
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    with pytest.raises(NotFound):
        await files.get_file(engine, file.id)


async def test_files_for_batches_are_kept_for_thirty_days(engine: Engine) -> None:
    file = await upload_for(engine, None, "batch")
    assert file.expires_at == file.created_at + 30 * 86_400
