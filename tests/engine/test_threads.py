"""Threads are listed, forked, and their users' messages edited: what the API adds to the hosted one."""

from __future__ import annotations

import pytest

from app.engine import files, messages, thread_fork, thread_list, threads
from app.engine.engine import Engine
from app.engine.store.rows import Cursor
from app.errors import Conflict, InvalidRequest, NotFound
from app.wire.messages import CreateMessage, Message, ModifyMessage
from app.wire.threads import CreateThread, ForkThread, Thread
from tests.doubles.models import ScriptedModel, calls, says
from tests.engine.conversations import FUNCTION, begin, finished, messages_of


async def thread_with(engine: Engine, *texts: str, role: str = "user") -> Thread:
    made = [CreateMessage.model_validate({"role": role, "content": text}) for text in texts]
    return await threads.create_thread(engine, CreateThread(messages=made))


async def texts_of(engine: Engine, thread_id: str) -> list[str]:
    page = await messages.list_messages(engine, thread_id, Cursor(100, "asc"), None)
    return [message.content[0]["text"]["value"] for message in page.data]


async def first_message(engine: Engine, thread_id: str) -> Message:
    return (await messages.list_messages(engine, thread_id, Cursor(1, "asc"), None)).data[0]


@pytest.mark.usefixtures("worker")
async def test_threads_are_listed_with_title_and_newest_run(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Hello.")]
    run = await finished(engine, await begin(engine, "How  are\nyou?"))
    await threads.create_thread(engine, CreateThread())
    listed = (await thread_list.list_threads(engine, Cursor(), None, has_messages=True)).data
    assert [(thread.id, thread.title) for thread in listed] == [(run.thread_id, "How are you?")]
    assert listed[0].last_run
    assert (listed[0].last_run.id, listed[0].last_run.status) == (run.id, "completed")
    assert len((await thread_list.list_threads(engine, Cursor(), None, has_messages=False)).data) == 2


async def test_threads_are_found_by_text_and_by_id(engine: Engine) -> None:
    first = await thread_with(engine, "Invoices of 2025", "and 100% more: Grüße")
    second = await thread_with(engine, "x" * 500)

    async def found(query: str) -> list[str]:
        return [each.id for each in (await thread_list.list_threads(engine, Cursor(), query, has_messages=True)).data]

    assert await found("invoices") == [first.id]
    assert await found("100% more: Grüße") == [first.id]
    assert await found("10_%") == []
    assert await found(second.id) == [second.id]
    listed = (await thread_list.list_threads(engine, Cursor(1), None, has_messages=True)).data
    assert len(listed[0].title or "") == 120


async def test_the_list_goes_on_after_a_thread(engine: Engine) -> None:
    made = [await thread_with(engine, f"Number {number}") for number in range(3)]
    page = await thread_list.list_threads(engine, Cursor(2), None, has_messages=True)
    assert ([thread.id for thread in page.data], page.has_more) == ([made[2].id, made[1].id], True)
    rest = await thread_list.list_threads(engine, Cursor(2, after=page.last_id), None, has_messages=True)
    assert ([thread.title for thread in rest.data], rest.has_more) == (["Number 0"], False)


async def test_a_message_without_text_gives_no_title(engine: Engine) -> None:
    await thread_with(engine, "An assistant began", role="assistant")
    listed = await thread_list.list_threads(engine, Cursor(), None, has_messages=True)
    assert listed.data[0].title is None


async def test_a_fork_copies_the_messages_up_to_one_and_leaves_the_origin(engine: Engine) -> None:
    origin = await thread_with(engine, "One", "Two", "Three")
    second = (await messages.list_messages(engine, origin.id, Cursor(100, "asc"), None)).data[1]
    fork = await thread_fork.fork_thread(engine, origin.id, ForkThread(message_id=second.id))
    assert fork.metadata == {"forked_from": origin.id}
    await messages.create_message(engine, fork.id, CreateMessage(role="user", content="Else"))
    assert await texts_of(engine, fork.id) == ["One", "Two", "Else"]
    assert await texts_of(engine, origin.id) == ["One", "Two", "Three"]
    assert await texts_of(engine, (await thread_fork.fork_thread(engine, origin.id, ForkThread())).id) == [
        "One",
        "Two",
        "Three",
    ]


async def test_a_fork_of_nothing_and_with_own_metadata(engine: Engine) -> None:
    empty = await threads.create_thread(engine, CreateThread(metadata={str(n): "x" for n in range(16)}))
    assert (await thread_fork.fork_thread(engine, empty.id, ForkThread())).metadata == empty.metadata
    fork = await thread_fork.fork_thread(engine, empty.id, ForkThread(metadata={"a": "b"}))
    assert fork.metadata == {"a": "b"}
    with pytest.raises(NotFound, match="No message found"):
        await thread_fork.fork_thread(engine, empty.id, ForkThread(message_id="msg_unknown"))
    with pytest.raises(NotFound, match="No thread found"):
        await thread_fork.fork_thread(engine, "thread_unknown", ForkThread())


@pytest.mark.usefixtures("worker")
async def test_a_locked_thread_can_be_forked(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [calls(("get_weather", "{}"))]
    run = await finished(engine, await begin(engine, "Weather?", tools=[FUNCTION]))
    assert run.status == "requires_action"
    fork = await thread_fork.fork_thread(engine, run.thread_id, ForkThread())
    await messages.create_message(engine, fork.id, CreateMessage(role="user", content="Never mind."))
    assert await texts_of(engine, fork.id) == ["Weather?", "Never mind."]


async def test_a_fork_has_files_of_its_own_to_search(engine: Engine) -> None:
    file = await files.store_output(engine, "thread_other", "notes.txt", b"Nothing much.")
    attachment = {"file_id": file.id, "tools": [{"type": "file_search"}, {"type": "code_interpreter"}]}
    body = {"messages": [{"role": "user", "content": "Read", "attachments": [attachment]}]}
    origin = await threads.create_thread(engine, CreateThread.model_validate(body))
    fork = await thread_fork.fork_thread(engine, origin.id, ForkThread())
    assert fork.tool_resources["code_interpreter"] == origin.tool_resources["code_interpreter"]
    ours, theirs = fork.tool_resources["file_search"], origin.tool_resources["file_search"]
    assert ours["vector_store_ids"] != theirs["vector_store_ids"]
    assert (await first_message(engine, fork.id)).attachments == (await first_message(engine, origin.id)).attachments


async def test_a_users_message_is_edited(engine: Engine) -> None:
    thread = await thread_with(engine, "Wrng")
    message = await first_message(engine, thread.id)
    edited = await messages.modify_message(
        engine, thread.id, message.id, ModifyMessage.model_validate({"content": "Right"})
    )
    assert (edited.id, await texts_of(engine, thread.id)) == (message.id, ["Right"])
    parts = [{"type": "text", "text": "Look"}, {"type": "image_file", "image_file": {"file_id": "file-none"}}]
    with pytest.raises(NotFound):
        await messages.modify_message(engine, thread.id, message.id, ModifyMessage.model_validate({"content": parts}))


@pytest.mark.usefixtures("worker")
async def test_an_answer_is_not_edited_nor_anything_while_a_run_is_active(engine: Engine, model: ScriptedModel) -> None:
    model.turns = [says("Hello."), calls(("get_weather", "{}"))]
    run = await finished(engine, await begin(engine, "Hi"))
    answer = (await messages_of(engine, run))[1]
    with pytest.raises(InvalidRequest, match="only the content of users' messages"):
        await messages.modify_message(engine, run.thread_id, answer.id, ModifyMessage(content="Else"))
    waiting = await finished(engine, await begin(engine, "Weather?", tools=[FUNCTION]))
    asked = (await messages_of(engine, waiting))[0]
    with pytest.raises(Conflict):
        await messages.modify_message(engine, waiting.thread_id, asked.id, ModifyMessage(content="Else"))
    changed = await messages.modify_message(engine, waiting.thread_id, asked.id, ModifyMessage(metadata={"a": "b"}))
    assert changed.metadata == {"a": "b"}
