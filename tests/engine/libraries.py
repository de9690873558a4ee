"""Builders for file search's tests: files, stores, and waiting until they are read."""

from __future__ import annotations

import anyio

from app.engine import files, vector_stores
from app.engine.engine import Engine
from app.wire.files import File
from app.wire.vector_stores import CreateVectorStore, VectorStore


async def upload(engine: Engine, name: str, content: bytes) -> File:
    """Store a file."""
    async with engine.blobs.writer() as blob:
        await blob.write(content)
    return await files.store_upload(engine, blob, name, "assistants", "file-")


async def read_store(engine: Engine, store_id: str) -> VectorStore:
    """Wait until all files of a store are read."""
    with anyio.fail_after(20):
        while (store := await vector_stores.get_vector_store(engine, store_id)).status == "in_progress":
            await anyio.sleep(0.02)
    return store


async def library(engine: Engine, **texts: str) -> VectorStore:
    """Make a store of text files, named by keyword, and wait until they are read."""
    uploaded = [await upload(engine, f"{name}.txt", text.encode()) for name, text in texts.items()]
    body = CreateVectorStore(file_ids=[file.id for file in uploaded])
    store = await vector_stores.create_vector_store(engine, body)
    return await read_store(engine, store.id)
