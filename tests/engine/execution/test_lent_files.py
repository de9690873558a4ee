"""A run of a shared assistant works with what its owner lent it, which the person who runs it can't see."""

from __future__ import annotations

import pytest

from app.engine import assistants, files, runs, sharing, threads
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.store import tables
from app.engine.store.rows import Cursor
from app.errors import Forbidden, NotFound
from app.wire.assistants import CreateAssistant
from app.wire.messages import CreateMessage
from app.wire.runs import CreateRun, RunStatus
from app.wire.sharing import ModifySharing
from app.wire.threads import CreateThread
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, calls, says
from tests.engine.conversations import CODE, finished


async def test_a_shared_assistant_lends_its_owners_private_file(
    engine: Engine, worker: Worker, model: ScriptedModel, interpreter: ScriptedInterpreter
) -> None:
    alice, bob = engine.for_person("alice"), engine.for_person("bob")
    async with engine.blobs.writer() as blob:
        await blob.write(b"lent by alice")
    file = await files.store_upload(alice, blob, "lent.txt", "assistants", "file-")
    resources = {"code_interpreter": {"file_ids": [file.id]}}
    body = {"model": "scripted", "tools": [CODE], "tool_resources": resources}
    assistant = await assistants.create_assistant(alice, CreateAssistant.model_validate(body))
    await sharing.modify_sharing(alice, tables.assistants, assistant.id, ModifySharing(is_shared=True))

    thread = await threads.create_thread(bob, CreateThread(messages=[CreateMessage(role="user", content="Read it.")]))
    model.turns += [calls(("python", '{"code": "print(1)"}')), says("Done")]
    interpreter.cells += [[]]
    run = await finished(bob, await runs.create_run(bob, thread.id, CreateRun(assistant_id=assistant.id)))

    assert run.status is RunStatus.COMPLETED, run.last_error
    assert interpreter.contents == [b"lent by alice"]
    with pytest.raises(NotFound):
        await files.get_file(bob, file.id)
    assert (await files.list_files(bob, Cursor(), None)).data == []
    with pytest.raises(Forbidden):
        await sharing.modify_sharing(bob, tables.assistants, assistant.id, ModifySharing(is_shared=False))
