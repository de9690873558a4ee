"""Copied calls: programs in three languages that make the call again, without any key of anybody's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.journal.writing import exchange_entry
from app.playground.logs.snippets import Language, snippet
from tests.doubles.models import says
from tests.journal.calls import call

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

HOSTILE = "it's \"quoted\" $(touch /tmp/x) `id` \\ \n </script> ${1} %s 'é' \u2028"
COMMANDS: dict[Language, list[str]] = {
    "curl": ["bash", "-eu"],
    "python": [sys.executable, "-W", "ignore"],
    "javascript": ["node", "--input-type=module"],
}
LANGUAGES = sorted(COMMANDS)


def run(language: Language, program: str) -> str:
    """Run a program as somebody who pasted it would."""
    command = COMMANDS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed.")
    environment = {"PATH": os.environ["PATH"], "HOME": str(Path.home()), "PLAYGROUND_KEY": "any"}
    done = subprocess.run(  # noqa: S603  What is to be tested.
        command, input=program, capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def copied(visitor: Visitor, language: Language, **choice: str) -> str:
    """Copy the newest call of the page that matches."""
    rows = visitor.logs(view="wire", **choice).find_class("log-row")
    number = str(rows[-1].get("id")).removeprefix("log-")
    response = visitor.client.get(f"{visitor.chat}/logs/entries/{number}/copy/{language}")
    assert response.is_success
    return response.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copied_call_makes_the_same_call_again(visitor: Visitor, house: House, language: Language) -> None:
    visitor.send("messages", content=HOSTILE, action="add")
    program = copied(visitor, language, kind="change", text="/messages")
    assert "any" not in program.split()
    run(language, program)
    visitor.open()
    assert len([text for text in visitor.all("message-body") if "touch" in text]) == 2
    listed = run(language, copied(visitor, language, kind="read", text="/messages"))
    assert listed.count("touch /tmp/x") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copied_stream_streams(visitor: Visitor, house: House, language: Language) -> None:
    house.model.turns = [says("One."), says("Two more words.")]
    visitor.start()
    visitor.run("Hello")
    events = run(language, copied(visitor, language, kind="change", text="/runs"))
    assert "thread.run.completed" in events
    assert "more" in events


def test_programs_calls_are_copied_in_their_own_dialect(visitor: Visitor) -> None:
    path, headers = "/v1/assistants?limit=2&order=asc", {"Authorization": "Bearer sk-secret-of-mine-12345678"}
    entry = exchange_entry(call(path=path, method="GET", answer="{}"), "")
    for language in LANGUAGES:
        program = snippet(entry, language, str(visitor.client.base_url))
        assert "api-key" not in program
        assert json.loads("[1]") == [1]
        assert "data" in run(language, program)
    assert headers["Authorization"] not in program


def test_json_is_copied_as_json(visitor: Visitor) -> None:
    read = json.loads(copied(visitor, "json", kind="change", text="/threads"))
    assert (read["method"], read["status"]) == ("POST", 200)
    assert ["api-key", "[redacted]"] in read["request_headers"]


def test_a_body_that_was_not_kept_is_owned_up_to() -> None:
    entry = exchange_entry(call(path="/v1/files", body="<5 bytes of multipart/form-data>\nrm -rf /"), "")
    for language in LANGUAGES:
        program = snippet(entry, language, "http://127.0.0.1:8000")
        (line,) = [line for line in program.splitlines() if "not recorded whole" in line]
        assert line.startswith(("#", "//"))
        assert not any(line.startswith("rm") for line in program.splitlines())
