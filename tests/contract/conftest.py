"""The whole program under uvicorn, with a scripted model behind it and the real sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import AzureOpenAI, OpenAI

from app.main import create_app
from app.settings import Settings
from tests.doubles.scripted_model import create_scripted_model
from tests.live import serve


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    with serve(create_scripted_model()) as url:
        yield url


@pytest.fixture(scope="session")
def server_url(model_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(
        data_dir=Path(tmp_path_factory.mktemp("data")),
        openai_base_url=f"{model_url}/v1",
        builtin_model="off",
        ollama_base_url="off",
    )
    with serve(create_app(settings)) as url:
        yield url


@pytest.fixture(scope="session")
def client(server_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server_url}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def azure(server_url: str) -> Iterator[AzureOpenAI]:
    with AzureOpenAI(
        azure_endpoint=server_url, api_key="any", api_version="2024-05-01-preview", max_retries=0
    ) as client:
        yield client
