"""The built-in embedding model with its real weights, where they are."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine.models.builtin.minilm import MiniLm
from app.settings import Settings


@pytest.fixture(scope="module")
def model() -> MiniLm:
    model = MiniLm(Settings().data_dir / "models")
    if not model.is_ready:
        pytest.skip("the embedding model's weights are not here: start the server once")
    return model


@pytest.mark.model
async def test_meaning_counts_more_than_words(model: MiniLm) -> None:
    question, close, far = await model.embed(["How old is he?", "What is his age?", "How hot is the oven?"])
    assert question @ close > question @ far


@pytest.mark.model
async def test_a_long_text_is_read_to_its_end(model: MiniLm) -> None:
    filler = "Nothing of note happened that day. " * 60
    plain, other, query = await model.embed(
        [filler, filler + "The whale swam in the sea. " * 20, "whales in the ocean"]
    )
    assert query @ other > query @ plain
    assert np.allclose(np.linalg.norm([plain, other], axis=1), 1, atol=1e-3)
