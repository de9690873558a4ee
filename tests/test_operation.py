"""What those who run the server see of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.live import serve


def quiet(folder: Path, sign_in: Literal["off", "link"] = "off", keys: tuple[SecretStr, ...] = ()) -> Settings:
    return Settings(
        data_dir=folder,
        builtin_model="off",
        ollama_base_url="off",
        sandbox="off",
        sign_in=sign_in,
        playground_api_keys=keys,
    )


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with serve(create_app(quiet(tmp_path))) as url:
        yield url


def read(url: str) -> dict[str, float]:
    text = httpx2.get(f"{url}/metrics", trust_env=False).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


def test_it_lives_and_is_ready(url: str) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        assert httpx2.get(url + path, trust_env=False).json()["status"] == "ok"


def test_runs_are_counted_by_their_state(url: str) -> None:
    before = read(url)
    assert before["playground_runs_active queued"] == 0
    with httpx2.Client(base_url=f"{url}/v1", headers={"api-key": "any"}, trust_env=False) as client:
        assistant = client.post("/assistants", json={"model": "nobody-serves-this"}).json()
        thread = {"messages": [{"role": "user", "content": "Hello"}]}
        client.post("/threads/runs", json={"assistant_id": assistant["id"], "thread": thread, "stream": True}).read()
    assert read(url)["playground_runs_ended_total failed"] == 1


def test_where_people_sign_in_metrics_need_a_key_of_the_server(tmp_path: Path) -> None:
    with (
        serve(create_app(quiet(tmp_path, "link", (SecretStr("watcher"),)))) as url,
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert client.get("/metrics", headers={"authorization": "Bearer watcher"}).status_code == 200
        assert client.get("/health/ready").status_code == 200
