"""The embedding worker: gives chunks their vectors, some at a time, after their file can be found by words already."""

from __future__ import annotations

import logging
from functools import partial

import anyio
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database
from app.engine.models.embeddings import Embedder
from app.engine.store import embeddings

_log = logging.getLogger(__name__)

_AT_ONCE = 32
_LOOK_SECONDS = 1.0


class EmbeddingWorker:
    """Embeds what has no vector yet; what a killed process left is found again, since its vectors are missing."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def work(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                has_more = self._embedder.is_ready and await self.embed_some()
            except SQLAlchemyError:
                _log.exception("the database failed while embedding chunks")
                has_more = False
            if not has_more:
                await anyio.sleep(_LOOK_SECONDS)

    async def embed_some(self) -> bool:
        """Embed the next chunks; say whether there were any."""
        model = self._embedder.name
        unread = partial(embeddings.chunks_without_vector, model=model, limit=_AT_ONCE)
        found = await self._database.read(unread)
        if not found:
            return False
        vectors = await to_thread.run_sync(self._embedder.embed, [row["text"] for row in found])
        keep = partial(embeddings.keep_vectors, model=model, found=found, vectors=[one.tobytes() for one in vectors])
        await self._database.write(keep)
        return True
