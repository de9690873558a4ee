"""The log's lines: what they belong to, as text or JSON, and no secret of an address."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.log import LogFormat, configure_logging, log_fields
from app.main import create_app
from app.request_log import shown_path
from app.settings import Settings
from tests.live import serve


@pytest.fixture
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "app")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    yield
    for each, handlers, level, propagate in before:
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_names_its_run_and_stays_one_line(capsys: pytest.CaptureFixture[str], form: LogFormat) -> None:
    configure_logging("info", form)
    with log_fields(run_id="run_1"):
        logging.getLogger("app.some").info("two\nlines and a %s", "word")
    said = capsys.readouterr().err
    if form == "text":
        assert "run_id=run_1" in said
        return
    line = json.loads(said)
    assert said.count("\n") == 1
    assert (line["run_id"], line["level"], line["message"]) == ("run_1", "info", "two\nlines and a word")


@pytest.mark.usefixtures("_as_before")
def test_each_request_is_one_line_with_its_id_and_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data_dir=tmp_path, BUILTIN_MODEL="off", OLLAMA_BASE_URL="off", SANDBOX="off")
    configure_logging("debug", "json")
    with serve(create_app(settings)) as url:
        capsys.readouterr()
        headers = {"authorization": "Bearer sk-very-secret"}
        answer = httpx2.get(f"{url}/v1/assistants?limit=1", headers=headers, trust_env=False)
        httpx2.get(f"{url}/shared/very-secret", trust_env=False)
        said = capsys.readouterr().err
    lines = [line for line in map(json.loads, said.splitlines()) if line["logger"] == "app.request_log"]
    assert lines[0]["message"].startswith("GET /v1/assistants 200 ")
    assert lines[0]["request_id"] == answer.headers["x-request-id"]
    assert lines[1]["message"].startswith("GET /shared/… ")
    assert "very-secret" not in said


def test_a_path_cannot_forge_lines() -> None:
    assert shown_path("/a\nb\x1b[31m") == "/a?b?[31m"
