"""Embeddings of a configured provider, through the `openai` SDK."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openai

from app.engine.models.embeddings import Vectors, of_length_one
from app.engine.models.upstream import translated
from app.errors import UpstreamFailed

_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ProviderEmbedder:
    """An embedding model behind an OpenAI-compatible `/embeddings` endpoint or an Azure deployment."""

    name: str
    provider: str
    client: openai.AsyncOpenAI
    is_ready: bool = True
    least_similarity: float = 0.0
    """Every model has its own idea of what is far, so the order alone counts."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length one for each text; raises `UpstreamFailed`."""
        with translated(self.provider, self.name):
            answer = await self.client.embeddings.create(
                model=self.name, input=list(texts), encoding_format="float", timeout=_SECONDS
            )
        found = [one.embedding for one in sorted(answer.data, key=lambda one: one.index)]
        if len(found) != len(texts) or len({len(one) for one in found}) != 1:
            message = f"{self.provider} returned {len(found)} embeddings of {self.name} for {len(texts)} texts."
            raise UpstreamFailed(message, code="server_error")
        return of_length_one(np.array(found, dtype=np.float32))

    async def fetch(self) -> None:
        """Do nothing: the model stays where it is."""
