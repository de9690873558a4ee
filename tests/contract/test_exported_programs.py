"""What View code writes, carried out: against this server, and against a double of a hosted service."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

from tests.contract.csharp import compile_csharp, dotnet_command
from tests.contract.installed import node_command, node_folder
from tests.doubles.hosted_service import HostedService
from tests.live import serve
from tests.playground.visitor import Visitor

NASTY = "He said \"hi\" ${x} `ls` $(id) \\ ' \u2028\u202e \"\"\" ''' {{x}} */ <!-- 😀\nEOF\nJSON\n'\"'\"'"
FUNCTION = {
    "type": "function",
    "function": {
        "name": "get-weather",
        "description": NASTY,
        "parameters": {"type": "object", "properties": {"__proto__": {"type": "string"}, NASTY: {"type": "string"}}},
    },
}
WEATHER = json.dumps({"sky": NASTY})
FIRST = '!call get-weather {"city": "Paris"}\n!say Fair weather: it is \'18\' $degrees'
SECOND = '!code print(open("/mnt/data/it\'s.csv").read())\n!say Read'
LANGUAGES = ("python", "javascript", "csharp", "curl")


@pytest.fixture(scope="module")
def visitor(server_url: str, client: OpenAI) -> Iterator[Visitor]:
    """Have a session behind the page: a function call, an attached file, a message with a picture."""
    with Visitor(server_url) as visitor:
        visitor.open("/")
        have_session(visitor, client)
        yield visitor


def have_session(visitor: Visitor, client: OpenAI) -> None:
    thread_id = re.findall(r"thread_\w+", visitor.page.text_content())[0]
    assistant = client.beta.assistants.create(
        model="scripted-model",
        name=NASTY,
        instructions=NASTY,
        tools=[{"type": "code_interpreter"}, {"type": "file_search"}, FUNCTION],  # type: ignore[list-item]  # JSON
        metadata={"note": NASTY},
    )
    assert visitor.send("assistant", assistant_id=assistant.id).is_success
    threads = client.beta.threads
    threads.messages.create(thread_id, role="user", content=FIRST)
    run = threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant.id, poll_interval_ms=50)
    assert run.required_action
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id,
        thread_id=thread_id,
        tool_outputs=[{"tool_call_id": call.id, "output": WEATHER}],
        poll_interval_ms=50,
    )
    file = client.files.create(file=("it's.csv", b"n\n41\n"), purpose="assistants")
    attachment: Any = {"file_id": file.id, "tools": [{"type": "code_interpreter"}]}
    threads.messages.create(thread_id, role="user", content=SECOND, attachments=[attachment])
    threads.runs.create_and_poll(
        thread_id=thread_id, assistant_id=assistant.id, instructions="Other " + NASTY, poll_interval_ms=50
    )


def program(visitor: Visitor, folder: Path, **choice: str) -> Path:
    response = visitor.client.get(f"{visitor.chat}/code/download", params=choice)
    assert response.is_success, response.text
    path: Path = folder / re.findall(r'filename="([^"]+)"', response.headers["content-disposition"])[0]
    path.write_text(response.text)
    return path


def carry_out(path: Path, *arguments: str, base_url: str = "") -> str:
    command = command_of(path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "AZURE_"))}
    environment |= {"OPENAI_API_KEY": "any", "AZURE_OPENAI_API_KEY": "any"}
    environment |= {"OPENAI_BASE_URL": base_url} if base_url else {}
    done = subprocess.run(  # noqa: S603  our own program
        [*command, *arguments],
        env=environment,
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Deprecat" not in done.stderr
    return done.stdout


def command_of(path: Path) -> list[str]:
    if path.suffix == ".cs":
        if not path.with_suffix(".dll").exists():
            assert compile_csharp(path) == ""
        return dotnet_command(path)
    return [*{".py": [sys.executable], ".mjs": [node_command()], ".sh": ["bash"]}[path.suffix], str(path)]


def ready_folder(language: str, folder: Path) -> Path:
    if language == "javascript":
        return node_folder(folder)
    if language == "curl" and not (shutil.which("curl") and shutil.which("jq")):
        pytest.skip("curl and jq are not installed.")
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dialect", ["openai", "azure"])
def test_a_session_repeats_itself_at_this_server(
    visitor: Visitor, client: OpenAI, tmp_path: Path, language: str, dialect: str
) -> None:
    folder = ready_folder(language, tmp_path)
    path = program(visitor, folder, scope="session", language=language, dialect=dialect)
    assert carry_out(path).splitlines() == [
        "Run completed ",
        "Fair weather: it is '18' $degrees",
        "Run completed ",
        "Read",
    ]
    made, origin = list(client.beta.assistants.list(limit=2))[:2]
    assert (made.name, made.instructions, made.metadata) == (NASTY, NASTY, {"note": NASTY})
    assert [tool.to_dict() for tool in made.tools] == [tool.to_dict() for tool in origin.tools]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_assistant_answers_the_question_of_the_command_line(visitor: Visitor, tmp_path: Path, language: str) -> None:
    path = program(visitor, ready_folder(language, tmp_path), language=language)
    question = '!say It\'s "$HOME" & `more` \\n 😀'
    assert carry_out(path, question).splitlines() == ["Run completed ", question.removeprefix("!say ")]
    assert "Hello" in carry_out(path)


@pytest.fixture
def hosted() -> Iterator[tuple[HostedService, str]]:
    service = HostedService()
    with serve(service.app) as url:
        yield service, f"{url}/v1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_is_asked_of_the_responses_api(
    visitor: Visitor, tmp_path: Path, language: str, hosted: tuple[HostedService, str]
) -> None:
    service, url = hosted
    folder = ready_folder(language, tmp_path)
    (folder / "it's.csv").write_bytes(b"n\n41\n")
    path = program(visitor, folder, scope="session", api="responses", language=language)
    assert carry_out(path, base_url=url).splitlines() == [f"Answer: {WEATHER}"] * 2
    first, output, second, _last = service.responses
    assert service.files == [("it's.csv", b"n\n41\n")]
    assert first["instructions"] == NASTY
    assert first["tools"] == [
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}},
        {"type": "function", "name": "get-weather", **without_name(FUNCTION), "strict": False},
    ]
    assert first["input"] == [{"role": "user", "content": FIRST}]
    assert output["input"] == [{"type": "function_call_output", "call_id": "call_1", "output": WEATHER}]
    assert (output["previous_response_id"], second["previous_response_id"]) == ("resp_1", "resp_2")
    assert second["instructions"] == "Other " + NASTY


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_is_asked_of_chat_completions(
    visitor: Visitor, tmp_path: Path, language: str, hosted: tuple[HostedService, str]
) -> None:
    service, url = hosted
    path = program(visitor, ready_folder(language, tmp_path), scope="session", api="chat", language=language)
    assert "no code interpreter here" in path.read_text()
    assert carry_out(path, base_url=url).splitlines() == [f"Answer: {WEATHER}"] * 2
    assert service.completions[0]["messages"] == [
        {"role": "system", "content": NASTY},
        {"role": "user", "content": FIRST},
    ]
    assert service.completions[0]["tools"] == [FUNCTION]
    last = service.completions[-1]["messages"]
    assert [message["role"] for message in last] == [
        "system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool",
    ]  # fmt: skip
    assert last[0]["content"] == "Other " + NASTY


def test_typescript_compiles_strictly(visitor: Visitor, tmp_path: Path) -> None:
    folder = node_folder(tmp_path)
    for scope in ("assistant", "session"):
        for api in ("assistants", "responses", "chat"):
            program(visitor, folder, scope=scope, api=api, language="typescript")
    options = {"strict": True, "module": "nodenext", "target": "es2022", "types": ["node"], "skipLibCheck": True}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": {**options, "noEmit": True}}))
    compiler = [node_command(), "node_modules/typescript/bin/tsc", "-p", "."]
    done = subprocess.run(compiler, cwd=folder, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert (done.stdout, done.returncode) == ("", 0)


def test_csharp_compiles_without_a_warning(visitor: Visitor, tmp_path: Path) -> None:
    choices = [{"api": "assistants", "dialect": "azure"}, {"api": "responses"}, {"api": "chat"}]
    paths = [program(visitor, tmp_path, language="csharp", **choice) for choice in choices]
    assert compile_csharp(*paths) == ""


def without_name(tool: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tool["function"].items() if name != "name"}
