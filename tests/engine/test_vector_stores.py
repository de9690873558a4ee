"""Vector stores by the engine's rules, with the real ingester."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from sqlalchemy import func, select

from app.clock import FakeClock
from app.engine import assistants, files, messages, threads, vector_store_files, vector_stores
from app.engine.engine import Engine
from app.engine.store import rows, tables
from app.engine.tools.file_search.discarding import discard_some
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.search import search_store
from app.errors import Conflict, InvalidRequest, NotFound
from app.wire.assistants import CreateAssistant
from app.wire.messages import CreateMessage
from app.wire.threads import CreateThread
from app.wire.tools import ToolResources
from app.wire.vector_stores import AddFile, AddFiles, CreateVectorStore, ModifyStoreFile, SearchRequest
from tests.engine.libraries import library, read_store, upload

FRUIT = {"apple": "The apple grows on trees.", "banana": "Bananas are yellow and curved.", "cherry": "A cherry is red."}


@pytest.fixture
async def ingester(engine: Engine) -> AsyncIterator[Ingester]:
    ingester = Ingester(engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ingester.work)
        yield ingester
        tasks.cancel_scope.cancel()


async def count_chunks(engine: Engine) -> int:
    while await discard_some(engine.database):
        pass
    query = select(func.count()).select_from(tables.chunks)
    return await engine.database.read(lambda connection: int(connection.execute(query).scalar_one()))


async def names_found(engine: Engine, store_id: str, **request: object) -> list[str]:
    found = await search_store(engine, store_id, SearchRequest.model_validate(request))
    return [result.filename for result in found.data]


async def test_words_find_their_file_first(engine: Engine, ingester: Ingester) -> None:
    store = await library(engine, **FRUIT)
    assert (store.status, store.file_counts.completed, store.file_counts.total) == ("completed", 3, 3)
    assert store.usage_bytes == sum(map(len, FRUIT.values()))
    assert (await names_found(engine, store.id, query="which banana is yellow?"))[0] == "banana.txt"
    assert await names_found(engine, store.id, query="nothing of that sort") == []
    assert await names_found(engine, store.id, query='"; DROP AND (NOT*') == []


async def test_attributes_narrow_a_search(engine: Engine, ingester: Ingester) -> None:
    store = await library(engine, one="The same words.", two="The same words.")
    first = (await vector_store_files.list_files(engine, store.id, rows.Cursor(order="asc"))).data[0]
    await vector_store_files.modify_file(engine, store.id, first.id, ModifyStoreFile(attributes={"year": 2024}))
    wanted = {"type": "gte", "key": "year", "value": 2024}
    assert await names_found(engine, store.id, query="same words", filters=wanted) == ["one.txt"]


async def test_a_broken_file_fails_alone(engine: Engine, ingester: Ingester) -> None:
    good, empty = await upload(engine, "good.txt", b"Good"), await upload(engine, "../empty.md", b"")
    table = await upload(engine, "table.csv", b"a,b")
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())
    body = AddFiles(file_ids=[good.id, empty.id, table.id])
    batch = await vector_store_files.create_batch(engine, store.id, body)
    await read_store(engine, store.id)
    batch = await vector_store_files.get_batch(engine, store.id, batch.id)
    assert (batch.status, batch.file_counts.completed, batch.file_counts.failed) == ("completed", 1, 2)
    failed = await vector_store_files.get_file(engine, store.id, table.id)
    reason = "Files of type .csv can't be searched. Use the code interpreter, or save it as .txt, .pdf or .docx."
    assert failed.last_error == {"code": "unsupported_file", "message": reason}
    with pytest.raises(InvalidRequest, match=r"extensions \[\.csv\]"):
        await vector_store_files.add_file(engine, store.id, AddFile(file_id=table.id))


async def test_a_cancelled_batch_keeps_what_is_done(engine: Engine) -> None:
    file = await upload(engine, "a.txt", b"Words")
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())
    batch = await vector_store_files.create_batch(engine, store.id, AddFiles(file_ids=[file.id]))
    cancelled = await vector_store_files.cancel_batch(engine, store.id, batch.id)
    assert (cancelled.status, cancelled.file_counts.cancelled) == ("cancelled", 1)
    assert (await vector_stores.get_vector_store(engine, store.id)).file_counts.cancelled == 1


async def test_a_batch_is_cancelled_while_it_is_read(engine: Engine, ingester: Ingester) -> None:
    text = " ".join(f"word{number}" for number in range(200_000))
    short, long = await upload(engine, "short.txt", b"Words"), await upload(engine, "long.txt", text.encode())
    store = await vector_stores.create_vector_store(engine, CreateVectorStore())
    body = AddFiles(file_ids=[short.id, long.id])
    batch = await vector_store_files.create_batch(engine, store.id, body)
    with anyio.fail_after(20):
        while await count_chunks(engine) < 65:
            await anyio.sleep(0.005)
    cancelled = await vector_store_files.cancel_batch(engine, store.id, batch.id)
    counts = cancelled.file_counts
    assert (cancelled.status, counts.completed, counts.cancelled, counts.in_progress) == ("cancelled", 1, 1, 0)
    await anyio.sleep(0.5)
    assert await count_chunks(engine) == 1
    assert (await vector_stores.get_vector_store(engine, store.id)).status == "completed"
    assert await vector_store_files.cancel_batch(engine, store.id, batch.id) == cancelled


async def test_deleting_a_file_takes_it_out_of_everything(engine: Engine, ingester: Ingester) -> None:
    store = await library(engine, only="Only words")
    file = (await vector_store_files.list_files(engine, store.id, rows.Cursor())).data[0]
    resources = ToolResources.model_validate({"code_interpreter": {"file_ids": [file.id]}})
    thread = await threads.create_thread(engine, CreateThread(tool_resources=resources))
    await files.delete_file(engine, file.id)
    assert (await vector_stores.get_vector_store(engine, store.id)).file_counts.total == 0
    assert (await threads.get_thread(engine, thread.id)).tool_resources == {"code_interpreter": {"file_ids": []}}
    assert await count_chunks(engine) == 0


async def test_removing_and_deleting_leave_no_chunks(engine: Engine, ingester: Ingester) -> None:
    store = await library(engine, one="One", two="Two")
    first = (await vector_store_files.list_files(engine, store.id, rows.Cursor())).data[0]
    await vector_store_files.remove_file(engine, store.id, first.id)
    assert await count_chunks(engine) == 1
    await vector_stores.delete_vector_store(engine, store.id)
    assert await count_chunks(engine) == 0
    with pytest.raises(NotFound, match="No vector store found with id"):
        await vector_stores.get_vector_store(engine, store.id)


async def test_a_store_expires_when_it_is_not_used(engine: Engine, clock: FakeClock) -> None:
    expiry = {"anchor": "last_active_at", "days": 1}
    store = await vector_stores.create_vector_store(engine, CreateVectorStore.model_validate({"expires_after": expiry}))
    assert store.expires_at == engine.now() + 86_400
    clock.advance(86_401)
    assert (await vector_stores.get_vector_store(engine, store.id)).status == "expired"
    with pytest.raises(Conflict, match="has expired"):
        await search_store(engine, store.id, SearchRequest(query="x"))


async def test_the_helper_makes_the_store_of_an_assistant(engine: Engine, ingester: Ingester) -> None:
    file = await upload(engine, "a.txt", b"Words")
    resources = {"file_search": {"vector_stores": [{"file_ids": [file.id]}]}}
    body = CreateAssistant.model_validate({"model": "scripted", "tool_resources": resources})
    assistant = await assistants.create_assistant(engine, body)
    [store_id] = assistant.tool_resources["file_search"]["vector_store_ids"]
    assert (await read_store(engine, store_id)).file_counts.completed == 1
    empty: dict[str, object] = {"file_search": {"vector_stores": [{"file_ids": []}]}}
    with pytest.raises(InvalidRequest, match="file_ids must be non-empty"):
        await threads.create_thread(engine, CreateThread.model_validate({"tool_resources": empty}))


async def test_the_helper_makes_a_store_of_a_thread_that_expires_in_a_week(engine: Engine) -> None:
    file = await upload(engine, "a.txt", b"Words")
    resources = {"file_search": {"vector_stores": [{"file_ids": [file.id]}]}}
    thread = await threads.create_thread(engine, CreateThread.model_validate({"tool_resources": resources}))
    [store_id] = thread.tool_resources["file_search"]["vector_store_ids"]
    store = await vector_stores.get_vector_store(engine, store_id)
    assert (store.file_counts.total, store.expires_at) == (1, engine.now() + 7 * 86_400)


async def test_attachments_share_the_threads_own_store(engine: Engine, ingester: Ingester) -> None:
    thread = await threads.create_thread(engine, CreateThread())
    for name in ("a.txt", "b.txt"):
        file = await upload(engine, name, b"Words")
        attachment = {"file_id": file.id, "tools": [{"type": "file_search"}]}
        body = CreateMessage.model_validate({"role": "user", "content": "See", "attachments": [attachment]})
        await messages.create_message(engine, thread.id, body)
    resources = (await threads.get_thread(engine, thread.id)).tool_resources
    [store_id] = resources["file_search"]["vector_store_ids"]
    store = await read_store(engine, store_id)
    assert store.file_counts.completed == 2
    assert store.expires_after is not None
    assert store.expires_after.days == 7


async def test_an_interrupted_file_is_read_anew_without_doubles(engine: Engine, clock: FakeClock) -> None:
    text = " ".join(f"word{number}" for number in range(200_000))
    file = await upload(engine, "long.txt", text.encode())
    body = CreateVectorStore(file_ids=[file.id])
    store = await vector_stores.create_vector_store(engine, body)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(engine).work)
        with anyio.fail_after(20):
            while await count_chunks(engine) < 64:
                await anyio.sleep(0.005)
        tasks.cancel_scope.cancel()
    assert (await vector_stores.get_vector_store(engine, store.id)).status == "in_progress"
    assert await names_found(engine, store.id, query="word1") == []
    clock.advance(60)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(engine).work)
        await read_store(engine, store.id)
        tasks.cancel_scope.cancel()
    content = await vector_store_files.read_content(engine, store.id, file.id)
    assert len(content.data) == await count_chunks(engine)
    assert {word for part in content.data for word in part.text.split()} == set(text.split())
