"""Programs of our own for the SDKs that programs of other ages and languages were written with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.installed import PROGRAMS, node_command, node_folder, python_of, run_for_json


@pytest.mark.parametrize("dialect", ["azure", "openai"])
def test_openai_1_20_speaks_the_first_version(server_url: str, tmp_path: Path, dialect: str) -> None:
    command = [python_of("openai-1.20.0"), str(PROGRAMS / "first_version.py"), dialect]
    assert run_for_json(command, server_url, tmp_path) == {
        "use_files": {
            "assistant_files": True,
            "message_files": True,
            "left": [],
            "status": "completed",
            "logs": "n\n1\n41\n\n",
            "answer": "Read",
        },
        "use_retrieval": {"tool": "retrieval", "listed": True, "deleted": True},
        "listen": {
            "heard": ["code_interpreter_created", "code_interpreter_done", "text_created", "message_done", "end"],
            "text": "It is 42",
        },
        "call_a_function": {"asked": '{"city": "Paris"}', "status": ["requires_action", "completed"]},
        "fail": "Error code: 404 - {'error': {'message': \"No assistant found with id 'asst_nobody'.\", "
        "'type': 'invalid_request_error', 'param': None, 'code': None}}",
    }


def test_azures_npm_client_uses_every_kind_of_object(server_url: str, tmp_path: Path) -> None:
    folder = node_folder(tmp_path, "azure_assistants.mjs")
    assert run_for_json([node_command(), "azure_assistants.mjs"], server_url, folder) == {
        "name": "Friend",
        "files": [True, True],
        "listed": True,
        "status": "completed",
        "times": [True, True, None],
        "steps": ["message_creation", "tool_calls"],
        "answer": "Counted",
        "call": ["get_weather", '{"city": "Paris"}'],
        "statuses": ["requires_action", "completed"],
        "deleted": [True, True, True],
        "failure": "No thread found with id 'thread_nobody'.",
    }


def test_openais_npm_client_hears_the_events_of_a_stream(server_url: str, tmp_path: Path) -> None:
    folder = node_folder(tmp_path, "stream_events.mjs")
    told = run_for_json([node_command(), "stream_events.mjs"], server_url, folder)
    assert told["heard"] == [
        "runStepCreated",
        "toolCallCreated",
        "toolCallDone",
        "runStepDone",
        "runStepCreated",
        "messageCreated",
        "textCreated",
        "imageFileDone",
        "textDone",
        "messageDone",
        "runStepDone",
        "end",
    ]
    assert told["text"] == "Here it is"
    assert "plt.show()" in told["code"]
    assert told["status"] == "completed"
    assert told["names"][0] == "thread.run.step.completed"
    assert told["names"][-1] == "thread.run.completed"
    assert told["failure"] == [404, "404 No thread found with id 'thread_nobody'."]
