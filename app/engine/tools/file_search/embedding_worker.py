"""The embedding worker: gives files that are read their vectors, and completes them."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from functools import partial

import anyio
from sqlalchemy.exc import SQLAlchemyError

from app.clock import Clock
from app.database import Database
from app.engine.bell import Bell
from app.engine.models.embeddings import Embedder, Vectors
from app.engine.store import embeddings
from app.engine.store.embeddings import Lease
from app.engine.store.rows import Row
from app.errors import UpstreamFailed

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_LOOK_SECONDS = 1.0
_LEASE_SECONDS = 60.0
_PAUSES = (1.0, 4.0)
_REST_SECONDS = 300.0
"""After a failure files are completed at once, by words only; so much later they are tried again."""


class EmbeddingWorker:
    """Embeds one file after the other; what a killed process left is gone on with, chunk by chunk."""

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        clock: Clock,
        files_read: Bell,
        *,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        self._pauses = pauses
        self._database = database
        self._embedder = embedder
        self._clock = clock
        self._files_read = files_read
        self._owner = secrets.token_hex(8)
        self._rests_until = 0.0

    async def work(self) -> None:
        """Work until cancelled."""
        is_begun = False
        while True:
            has_more = False
            try:
                if not is_begun:
                    await self.begin()
                    is_begun = True
                has_more = await self.embed_next()
            except SQLAlchemyError:
                _log.exception("the database failed while embedding files")
            if not has_more:
                await self._files_read.wait(_LOOK_SECONDS)

    async def begin(self) -> None:
        """Let files that another model embedded be embedded anew; until then they are found by words."""
        await self._database.write(partial(embeddings.forget_other_models, model=self._embedder.name))

    async def embed_next(self) -> bool:
        """Embed the next file; say whether there was one.

        Where the model is not here or fails, files are completed all the same, and embedded later.
        """
        now = self._clock.now()
        if not self._embedder.is_ready or now < self._rests_until:
            if await self._database.read(embeddings.is_any_waiting):
                await self._database.write(embeddings.complete_without_vectors)
            return False
        file = await self._database.write(partial(embeddings.claim_file, lease=self._lease(), now=now))
        if file is None:
            return False
        try:
            await self._embed(file)
        except UpstreamFailed as exc:
            self._rests_until = self._clock.now() + _REST_SECONDS
            _log.warning("Files can't be embedded, so search goes by words alone for now: %s", exc)
        return True

    async def _embed(self, file: Row) -> None:
        done = file["embedded_chunks"]
        while found := await self._database.read(partial(embeddings.next_chunks, file=file, done=done, limit=_AT_ONCE)):
            vectors = await self._try([row["text"] for row in found])
            done += len(found)
            kept = [(row["seq"], vector.tobytes()) for row, vector in zip(found, vectors, strict=True)]
            keep = partial(embeddings.keep_vectors, file=file, lease=self._lease(), done=done, vectors=kept)
            if not await self._database.write(keep):
                return
        await self._database.write(partial(embeddings.finish_file, file=file, lease=self._lease()))

    async def _try(self, texts: list[str]) -> Vectors:
        for pause in self._pauses:
            try:
                return await self._embedder.embed(texts)
            except UpstreamFailed:
                await anyio.sleep(pause)
        return await self._embedder.embed(texts)

    def _lease(self) -> Lease:
        return Lease(self._owner, self._embedder.name, self._clock.now() + _LEASE_SECONDS)
