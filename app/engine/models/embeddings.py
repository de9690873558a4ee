"""The port to embedding models: texts go in, vectors of length one come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors whose products tell how close the texts are in meaning."""

    @property
    def name(self) -> str:
        """The model's name; vectors of different models are never compared."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether the model can be used now."""
        ...

    @property
    def least_similarity(self) -> float:
        """The product below which texts have nothing to do with each other."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector for each text; raises `UpstreamFailed`."""
        ...

    async def fetch(self) -> None:
        """Bring the model here, where that is needed; never raises."""
        ...


def of_length_one(vectors: Vectors) -> Vectors:
    """Return vectors that point the same way, each of length one."""
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit
