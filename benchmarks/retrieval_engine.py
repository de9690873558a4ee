"""The product's engine for the benchmarks of retrieval: a real database, no model that answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app import migrations
from app.clock import SystemClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.models.catalogue import Catalogue
from app.engine.models.embeddings import Embedder
from app.engine.store.blobs import Blobs
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.file_search.vectors import VectorIndex
from app.ids import RandomIds
from app.settings import Settings


@asynccontextmanager
async def make_engine(folder: Path, embedder: Embedder | None, url: str | None = None) -> AsyncIterator[Engine]:
    """Yield an engine whose data lie in the folder, or in the database that is named."""
    database = Database(url or f"sqlite:///{folder / 'playground.db'}")
    migrations.upgrade(database.engine)
    # Searches are to be measured with the vectors, so the first waits for their copy.
    index = VectorIndex(database, embedder, folder / "vectors", copy_seconds=3_600) if embedder else None
    yield Engine(
        database=database,
        blobs=Blobs(folder / "files"),
        models=Catalogue([]),
        interpreter=SandboxedInterpreter(
            choice="off",
            python=Settings().sandbox_python,
            wasm_python=Settings().sandbox_wasm_python,
            work_folder=folder / "sessions",
            limits=Limits(memory_mb=128, cell_seconds=1),
            is_unsafe_confirmed=False,
        ),
        clock=SystemClock(),
        ids=RandomIds(),
        vectors=index,
    )
    if index is not None:
        index.close()
    await database.aclose()


def own_memory_mb() -> float:
    """Return this process's memory without what is mapped from files."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0
