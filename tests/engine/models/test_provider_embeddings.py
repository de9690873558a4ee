"""A provider's embeddings, against a real endpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.engine.models.provider_embeddings import ProviderEmbedder
from app.engine.models.providers import openai_provider
from app.errors import UpstreamFailed
from tests.live import serve


def create_endpoint() -> FastAPI:
    """Build an endpoint that embeds texts as their lengths, last text first; the model `short` forgets one."""
    endpoint = FastAPI()

    @endpoint.post("/v1/embeddings")
    async def embed(request: Request) -> JSONResponse:
        body: dict[str, Any] = await request.json()
        if body["model"] == "unknown":
            return JSONResponse({"error": {"message": "no such model"}}, status_code=404)
        data = [
            {"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0]}
            for index, text in enumerate(body["input"])
        ]
        wanted = data[1:] if body["model"] == "short" else data[::-1]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return JSONResponse({"object": "list", "data": wanted, "model": body["model"], "usage": usage})

    return endpoint


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(create_endpoint()) as url:
        yield url


@pytest.fixture
async def embedder(url: str) -> AsyncIterator[Any]:
    provider = openai_provider("key", f"{url}/v1", None)
    yield lambda model: ProviderEmbedder(model, provider.name, provider.client)
    await provider.aclose()


async def test_each_text_gets_its_vector_of_length_one(embedder: Any) -> None:
    vectors = await embedder("lengths").embed(["a", "abcd"])
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [[2**-0.5, 2**-0.5], [4 / 17**0.5, 1 / 17**0.5]])


@pytest.mark.parametrize(("model", "message"), [("unknown", "does not know unknown"), ("short", "1 embeddings")])
async def test_a_fault_is_told_in_plain_words(embedder: Any, model: str, message: str) -> None:
    with pytest.raises(UpstreamFailed, match=message):
        await embedder(model).embed(["a", "b"])
