"""The hosted service's own example programs, run as they were published, against this server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.installed import PROGRAMS, node_command, node_folder, run

MATHS = "Message content: "


def run_program(name: str, server_url: str, folder: Path) -> str:
    return run([sys.executable, "-W", "ignore", str(PROGRAMS / name)], server_url, folder)


def test_the_quickstart_prints_completed_and_the_messages(server_url: str, tmp_path: Path) -> None:
    said, _, messages = run_program("quickstart.py", server_url, tmp_path).partition("\n")
    assert said == "Run completed with status: completed"
    answer, question = json.loads(messages)["data"]
    assert question["content"][0]["text"]["value"].startswith("I need to solve the equation")
    assert "x = 1" in answer["content"][0]["text"]["value"]


def test_the_how_to_draws_a_sine_wave_and_downloads_it(server_url: str, tmp_path: Path) -> None:
    output = run_program("visualization.py", server_url, tmp_path)
    assert "Status: completed" in output
    assert (tmp_path / "sinewave.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_the_javascript_quickstart_prints_the_messages(server_url: str, tmp_path: Path) -> None:
    folder = node_folder(tmp_path, "index.js", "require.mjs")
    output = run([node_command(), "--import", "./require.mjs", "index.js"], server_url, folder)
    assert_solved(output)


def test_the_typescript_quickstart_compiles_and_prints_the_messages(server_url: str, tmp_path: Path) -> None:
    folder = node_folder(tmp_path, "index.ts", "tsconfig.json")
    assert run([node_command(), "node_modules/typescript/bin/tsc"], server_url, folder) == ""
    assert_solved(run([node_command(), "index.js"], server_url, folder))


def assert_solved(output: str) -> None:
    answer, question = (json.loads(line.removeprefix(MATHS)) for line in output.splitlines() if line.startswith(MATHS))
    assert "x = 1" in answer
    assert question.startswith("I need to solve the equation")
    assert json.loads(output.split("Run created:  ")[1].split("\n", maxsplit=1)[0])["status"] == "completed"


class Shell:
    """Types the published curl commands one after the other, with the ids that the answers bring."""

    def __init__(self, server_url: str) -> None:
        published = (PROGRAMS / "quickstart.curl").read_text().strip().split("\n\n")
        self._commands: Iterator[str] = iter(published)
        self._names = {"https://YOUR_RESOURCE_NAME.openai.azure.com": server_url}

    def know(self, placeholder: str, answer: dict[str, Any]) -> None:
        self._names[placeholder] = answer["id"]

    def next_command(self) -> str:
        command = next(self._commands)
        for placeholder, name in self._names.items():
            command = command.replace(placeholder, name)
        return command

    def type(self, command: str) -> Any:
        done = subprocess.run(  # noqa: S602  the published text
            f"AZURE_OPENAI_API_KEY=any; {command}\n", shell=True, capture_output=True, text=True, timeout=20, check=True
        )
        return json.loads(done.stdout)

    def next(self) -> Any:
        return self.type(self.next_command())


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_commands_lead_from_the_assistant_to_the_answer(server_url: str) -> None:
    shell = Shell(server_url)
    shell.know("asst_abc123", shell.next())
    shell.know("thread_abc123", shell.next())
    assert shell.next()["role"] == "user"
    create_run = shell.next_command()
    refused = shell.type(create_run)
    assert "trailing comma" in refused["error"]["message"]
    shell.know("run_abc123", shell.type(re.sub(r",\s*}", "}", create_run)))
    retrieve_run = shell.next_command()
    while (run := shell.type(retrieve_run))["status"] in {"queued", "in_progress"}:
        pass
    assert run["status"] == "completed"
    assert "x = 1" in shell.next()["data"][0]["content"][0]["text"]["value"]
