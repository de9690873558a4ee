"""Runs that search documents: steps, passages, citations, the thread's own store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from app.clock import FakeClock
from app.engine import runs, steps, threads, vector_stores
from app.engine.engine import Engine
from app.engine.execution.search_call import Library, open_library
from app.engine.execution.worker import Worker
from app.engine.models.port import ToolMessage
from app.engine.store.rows import Cursor
from app.engine.tools.file_search.ingester import Ingester
from app.wire.runs import CreateThreadAndRun, Run
from app.wire.threads import ModifyThread
from app.wire.tools import ToolResources
from app.wire.vector_stores import CreateVectorStore
from tests.doubles.models import ScriptedModel, calls, says
from tests.engine.conversations import ask_again, begin, events_of, finished, messages_of, steps_of
from tests.engine.libraries import library, upload

SEARCH: dict[str, Any] = {"type": "file_search"}
ASK = ("file_search", '{"queries": ["yellow fruit"]}')


@pytest.fixture
async def ingester(engine: Engine) -> AsyncIterator[Ingester]:
    ingester = Ingester(engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ingester.work)
        yield ingester
        tasks.cancel_scope.cancel()


async def begin_on(engine: Engine, store_id: str, tool: dict[str, Any] = SEARCH) -> Run:
    """Queue a run of an assistant with search on a thread that has the store."""
    assistant_run = await begin(engine, "Which fruit is yellow?", tools=[tool])
    await finished(engine, assistant_run)
    resources = {"file_search": {"vector_store_ids": [store_id]}}
    thread = {"messages": [{"role": "user", "content": "Which?"}], "tool_resources": resources}
    body = CreateThreadAndRun.model_validate({"assistant_id": assistant_run.assistant_id, "thread": thread})
    return await runs.create_thread_and_run(engine, body)


async def test_passages_are_numbered_cited_and_kept(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The banana is a yellow fruit.", apple="Apples are green fruit.")
    answer = "Bananas【4:0†banana.txt】 and【4:9†made up】 【5:0†later】."
    model.turns = [says("Hello"), calls(ASK), says(answer)]
    run = await begin_on(engine, store.id)
    assert (await finished(engine, run)).status == "completed"
    given = [message.text for message in model.requests[-1].messages if isinstance(message, ToolMessage)]
    assert "【4:0†banana.txt】\nThe banana is a yellow fruit." in given[0]
    text = (await messages_of(engine, run))[-1].content[0]["text"]
    [cited] = text["annotations"]
    assert text["value"][cited["start_index"] : cited["end_index"]] == cited["text"] == "【4:0†banana.txt】"
    assert cited["file_citation"]["quote"] == "The banana is a yellow fruit."


async def test_the_model_is_asked_for_several_queries_and_all_are_searched(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The banana is yellow.", sky="The sky is blue.")
    model.turns = [says("Hello"), calls(("file_search", '{"queries": ["blue heavens", "banana"]}')), says("Done")]
    run = await begin_on(engine, store.id)
    await finished(engine, run)
    [spec] = model.requests[1].tools
    assert "two or three queries" in spec.description
    assert "key terms" in spec.description
    [call] = (await steps_of(engine, run))[0].step_details["tool_calls"]
    assert call["file_search"]["queries"] == ["blue heavens", "banana"]
    assert sorted(found["file_name"] for found in call["file_search"]["results"]) == ["banana.txt", "sky.txt"]


async def test_a_runs_ranking_options_narrow_what_the_model_is_given(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The yellow fruit is a banana.", apple="A fruit that is an apple.")
    model.turns = [says("Hello"), calls(ASK), says("Done")]
    options = {"ranking_options": {"ranker": "auto", "score_threshold": 0.99}, "max_num_results": 5}
    run = await begin_on(engine, store.id, {**SEARCH, "file_search": options})
    await finished(engine, run)
    [call] = (await steps_of(engine, run))[0].step_details["tool_calls"]
    assert [found["file_name"] for found in call["file_search"]["results"]] == ["banana.txt"]
    assert call["file_search"]["ranking_options"]["score_threshold"] == 0.99


async def test_passages_are_shown_on_request_only(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The banana is a yellow fruit.")
    model.turns = [says("Hello"), calls(ASK), says("Done")]
    run = await begin_on(engine, store.id, {**SEARCH, "file_search": {"max_num_results": 3}})
    completed = [body for name, body in await events_of(engine, run) if name == "thread.run.step.completed"]
    step = (await steps_of(engine, run))[0]
    [call] = step.step_details["tool_calls"]
    assert call["file_search"]["queries"] == ["yellow fruit"]
    assert "content" not in call["file_search"]["results"][0]
    assert "banana is" not in str(completed)
    whole = await steps.get_step(engine, run.thread_id, run.id, step.id, with_passages=True)
    listed = await steps.list_steps(engine, run.thread_id, run.id, Cursor(), with_passages=True)
    [shown] = whole.step_details["tool_calls"][0]["file_search"]["results"]
    assert shown["content"] == [{"type": "text", "text": "The banana is a yellow fruit."}]
    assert "content" in listed.data[-1].step_details["tool_calls"][0]["file_search"]["results"][0]


async def test_a_later_run_numbers_on_and_may_cite_what_was_found_before(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The banana is a yellow fruit.")
    model.turns = [
        says("Hello"),
        calls(ASK),
        says("Done"),
        calls(ASK),
        says("Both【4:0†banana.txt】【5:0†banana.txt】"),
    ]
    run = await begin_on(engine, store.id)
    await finished(engine, run)
    await finished(engine, await ask_again(engine, run, "Again?"))
    annotations = (await messages_of(engine, run))[-1].content[0]["text"]["annotations"]
    assert [annotation["text"] for annotation in annotations] == ["【4:0†banana.txt】", "【5:0†banana.txt】"]


async def test_a_citation_leads_to_its_passage_even_in_an_earlier_run(
    engine: Engine, worker: Worker, ingester: Ingester, model: ScriptedModel
) -> None:
    store = await library(engine, banana="The banana is a yellow fruit.")
    model.turns = [says("Hello"), calls(ASK), says("Done"), says("As found【4:0†banana.txt】")]
    first = await begin_on(engine, store.id)
    await finished(engine, first)
    await finished(engine, await ask_again(engine, first, "Again?"))
    [annotation] = (await messages_of(engine, first))[-1].content[0]["text"]["annotations"]
    cited = annotation["file_citation"]
    assert (cited["run_id"], cited["mark"], cited["file_name"], cited["page"]) == (first.id, "4:0", "banana.txt", None)
    step = await steps.get_step(engine, first.thread_id, cited["run_id"], cited["step_id"], with_passages=True)
    [result] = step.step_details["tool_calls"][0]["file_search"]["results"]
    assert (result["mark"], result["content"][0]["text"]) == ("4:0", "The banana is a yellow fruit.")


async def test_a_run_waits_for_its_threads_files(engine: Engine, worker: Worker, model: ScriptedModel) -> None:
    file = await upload(engine, "banana.txt", b"The banana is a yellow fruit.")
    store = await vector_stores.create_vector_store(engine, CreateVectorStore(file_ids=[file.id]))
    model.turns = [says("Hello"), calls(ASK), says("Found【4:0†banana.txt】")]
    run = await begin_on(engine, store.id)
    await anyio.sleep(0.3)
    assert len(model.requests) == 1
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Ingester(engine).work)
        assert (await finished(engine, run)).status == "completed"
        tasks.cancel_scope.cancel()
    assert (await messages_of(engine, run))[-1].content[0]["text"]["annotations"]


async def test_a_run_goes_on_when_its_threads_files_take_too_long(engine: Engine) -> None:
    file = await upload(engine, "banana.txt", b"The banana is a yellow fruit.")
    store = await vector_stores.create_vector_store(engine, CreateVectorStore(file_ids=[file.id]))
    run = await begin(engine, tools=[SEARCH])
    resources = ToolResources.model_validate({"file_search": {"vector_store_ids": [store.id]}})
    await threads.modify_thread(engine, run.thread_id, ModifyThread(tool_resources=resources))
    with anyio.fail_after(5):
        found = await open_library(engine, run, wait_seconds=0.2)
    assert found == Library((store.id,), (store.id,))


async def test_a_run_fails_on_an_expired_store(
    engine: Engine, worker: Worker, clock: FakeClock, model: ScriptedModel
) -> None:
    expiry = {"anchor": "last_active_at", "days": 1}
    store = await vector_stores.create_vector_store(engine, CreateVectorStore.model_validate({"expires_after": expiry}))
    model.turns = [says("Hello")]
    clock.advance(86_401)
    ended = await finished(engine, await begin_on(engine, store.id))
    assert ended.status == "failed"
    assert ended.last_error is not None
    assert "has expired" in ended.last_error["message"]


async def test_a_search_without_stores_finds_nothing_and_says_so(
    engine: Engine, worker: Worker, model: ScriptedModel
) -> None:
    model.turns = [calls(("file_search", "not json")), says("Nothing")]
    run = await begin(engine, tools=[SEARCH])
    assert (await finished(engine, run)).status == "completed"
    [given] = [message.text for message in model.requests[-1].messages if isinstance(message, ToolMessage)]
    assert given.startswith("No passage was found.")
    assert (await threads.get_thread(engine, run.thread_id)).tool_resources == {}
