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
    def dimension(self) -> int:
        """How many numbers a vector has."""
        ...

    @property
    def is_ready(self) -> bool:
        """Whether the model can be used now."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector for each text; blocks, so call it in a thread."""
        ...
