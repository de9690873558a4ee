"""The log's lines: what they belong to, as text or JSON, and no secret of an address."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.log import LogFormat, configure_logging, log_fields
from app.main import create_app
from app.request_log import shown_path
from tests.live import quiet_settings, serve
from tests.playground.sign_in.test_sharing import key_of
from tests.playground.sign_in.test_sign_in import PASSWORD, browser, sign_in


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
    settings = quiet_settings(tmp_path)
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


SECRETS = ("sk-0123456789abcdefghij", "pg-0123456789abcdefghij", "Bearer abcdefghijklmnop")


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_line_holds_a_secret(capsys: pytest.CaptureFixture[str], form: LogFormat, secret: str) -> None:
    configure_logging("info", form)
    logging.getLogger("app.some").error("it said %s", secret, exc_info=ValueError(f"refused: {secret}"))
    said = capsys.readouterr().err
    assert said.count("[redacted]") == 2
    assert secret not in said


@pytest.mark.usefixtures("_as_before")
def test_each_line_of_a_run_names_run_request_and_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = quiet_settings(
        tmp_path,
        SIGN_IN="password",
        PLAYGROUND_PASSWORD=PASSWORD,
    )
    configure_logging("debug", "json")
    with serve(create_app(settings)) as url, browser(url) as ada:
        sign_in(ada, "Ada")
        headers = key_of(ada)
        assistant = ada.post("/v1/assistants", json={"model": "nobody-serves-this"}, headers=headers).json()["id"]
        capsys.readouterr()
        begun = ada.post("/v1/threads/runs", json={"assistant_id": assistant}, headers=headers)
        path = f"/v1/threads/{begun.json()['thread_id']}/runs"
        while ada.get(f"{path}/{begun.json()['id']}", headers=headers).json()["status"] in {"queued", "in_progress"}:
            time.sleep(0.02)
        ada.get(f"{path}/run_%0Aforged", headers=headers)
        said = capsys.readouterr().err
    lines = [json.loads(line) for line in said.splitlines()]
    of_run = [line for line in lines if line.get("run_id") == begun.json()["id"]]
    assert {"app.request_log", "app.engine.execution.worker"} <= {line["logger"] for line in of_run}
    assert len({line["person_id"] for line in lines if line["logger"] != "app.main"}) == 1
    [ended] = [line for line in of_run if line["logger"] == "app.engine.execution.worker"]
    assert ended["request_id"] == begun.headers["x-request-id"]
    assert ended["message"] == "the run is failed, answered by None"
    assert headers["authorization"].split()[1] not in said
    assert all("forged" not in line.get("run_id", "") for line in lines)


def test_a_path_cannot_forge_lines() -> None:
    assert shown_path("/a\nb\x1b[31m") == "/a?b?[31m"
