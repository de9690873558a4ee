"""The application: the only module that knows everybody, and wires them together."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app import migrations
from app.api.application import API_PREFIXES, create_api
from app.api.program_runs import ProgramRuns
from app.clock import SystemClock
from app.connections.book import ConnectionBook
from app.connections.clients import Connections
from app.connections.connection import BUILT_IN, Connection
from app.connections.file import read_connections
from app.connections.principal import current_person
from app.connections.vault import Vault
from app.database import Database
from app.engine.allowance import Allowance
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.builtin.provider import BuiltinProvider
from app.engine.models.catalogue import Catalogue
from app.engine.models.embeddings import Embedder
from app.engine.models.providers import ConfiguredProvider
from app.engine.store.blobs import Blobs
from app.engine.sweeper import sweep_for_ever
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.file_search.discarding import discard_for_ever
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.vectors import VectorIndex
from app.engine_parts import (
    blob_bucket,
    builtin_model,
    code_interpreter,
    configured_providers,
    embedder_of,
    provider_of,
)
from app.entrance import entrance, first_address, guarded
from app.ids import RandomIds
from app.journal.call_outputs import CallOutputs
from app.journal.chats import Chats
from app.journal.connections import KeptConnections
from app.journal.journal import Journal
from app.journal.mocks import Mocks
from app.journal.moves import Moves
from app.journal.programs import ProgramJournal
from app.journal.retention import Retention
from app.journal.titles import Titles
from app.journal.waiting_files import WaitingFiles
from app.operation import Operation, operation_router
from app.paths import is_below
from app.playground.chat.costs import Prices, read_prices
from app.playground.facts import ProviderFacts, SandboxFacts, ServerFacts, WeightsFacts
from app.playground.router import build_playground
from app.playground.security import secured
from app.playground.services import PlaygroundServices
from app.playground.sign_in.door import Door
from app.request_log import RequestLog
from app.settings import Settings
from app.stopping import Stopping
from app.telemetry import tracing

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_ASK_EVERY_SECONDS = 20
_FIRST_PAGE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Parts:
    """What lives as long as the application."""

    settings: Settings
    database: Database
    configured: list[ConfiguredProvider]
    builtin: BuiltinProvider
    embedder: Embedder | None
    interpreter: SandboxedInterpreter
    engine: Engine
    connections: Connections
    book: ConnectionBook
    journal: Journal
    programs: ProgramRuns | None
    api: ASGIApp
    prices: Prices
    door: Door | None

    def facts(self) -> ServerFacts:
        """Return what the page says about the server."""
        states = self.engine.models.last_states()
        ids = [info.id for state in states for info in state.models]
        weights = self.builtin.state
        tier = None if self.interpreter.tier == "unavailable" else self.interpreter.tier
        return ServerFacts(
            sandbox=SandboxFacts(tier, self.interpreter.reason, self.interpreter.is_tried),
            weights=WeightsFacts(weights.status, weights.done_bytes, weights.total_bytes, weights.reason),
            builtin_model=self.builtin.model_id,
            default_model=self.settings.default_model or next(iter(ids), None),
            providers=tuple(
                ProviderFacts(state.provider.name, state.error is None, state.error.message if state.error else "")
                for state in states
                if state.provider is not self.builtin and (state.models or state.error)
            ),
        )


def create_app(settings: Settings, stopping: Stopping | None = None) -> ASGIApp:
    """Build the whole application; nothing is opened before its lifespan begins, and `stopping` announces its end."""
    parts = _assemble(settings)
    clock = SystemClock()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with _running(parts, stopping or Stopping()):
            yield

    pages = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    services = PlaygroundServices(
        connections=parts.connections,
        journal=parts.journal,
        chats=Chats(parts.database, clock, current_person),
        titles=Titles(parts.database),
        facts=parts.facts,
        mocks=Mocks(parts.database, clock, current_person),
        outputs=CallOutputs(parts.database, clock),
        waiting_files=WaitingFiles(parts.database, clock),
        prices=parts.prices,
        book=parts.book,
        moves=Moves(parts.database, clock, current_person),
        door=parts.door,
    )
    pages.add_middleware(GZipMiddleware, minimum_size=1000)
    pages.include_router(build_playground(services))

    interpreter = parts.interpreter
    operation = Operation(parts.engine, parts.facts, lambda: interpreter.session_count, settings.playground_api_keys)
    pages.include_router(operation_router(operation, is_open=parts.door is None))
    switch = PathSwitch(parts.api, guarded(pages, parts.door))
    host_names = (settings.host, *settings.allowed_hosts)
    return RequestLog(secured(switch, host_names=host_names, api_prefixes=API_PREFIXES))


class PathSwitch:
    """Sends the API's paths to the API, everything else to the pages."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        await (self._api if _is_api(scope) else self._pages)(scope, receive, send)


def _is_api(scope: Scope) -> bool:
    return is_below(scope.get("path", ""), API_PREFIXES)


def _assemble(settings: Settings) -> _Parts:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    door = entrance(settings, database, SystemClock())
    builtin = builtin_model(settings)
    interpreter = code_interpreter(settings, settings.data_dir / "sessions")
    configured = configured_providers(settings)
    embedder = embedder_of(settings, configured)
    tracer, traces = tracing(os.environ)
    engine = Engine(
        database=database,
        blobs=Blobs(settings.blob_dir, blob_bucket(settings)),
        models=Catalogue(
            [*configured, builtin],
            default_model=settings.default_model,
            strict=settings.strict_models,
            followed=tracer.model,
        ),
        interpreter=interpreter,
        clock=SystemClock(),
        ids=RandomIds(),
        allowance=Allowance(door.limits.of if door else lambda _connection, _person: settings.limits),
        most_runs=settings.most_runs,
        prompt_days=settings.prompt_days,
        tracer=tracer,
        vectors=VectorIndex(database, embedder, settings.data_dir / "vectors") if embedder else None,
    )
    journal = Journal(database, SystemClock())
    programs = ProgramRuns(engine, ProgramJournal(journal, SystemClock())) if settings.log_programs else None
    person_of = door.keys.person_of if door else None
    api = create_api(engine, settings.playground_api_keys, person_of, programs=programs, traces=traces)
    connections = Connections([BUILT_IN, *read_connections(settings.connections_file, os.environ)], engine_app=api)

    def serve_models(connection: Connection) -> None:
        provider = provider_of(connection, settings.model_context_tokens)
        configured.append(provider)
        engine.models.add(provider)

    kept = KeptConnections(database, SystemClock())
    book = ConnectionBook(connections, kept, Vault(settings.data_dir), serve_models)
    prices = read_prices(settings.prices_file)
    return _Parts(
        settings=settings,
        database=database,
        configured=configured,
        builtin=builtin,
        embedder=embedder,
        interpreter=interpreter,
        engine=engine,
        connections=connections,
        book=book,
        journal=journal,
        programs=programs,
        api=api,
        prices=prices,
        door=door,
    )


@asynccontextmanager
async def _running(parts: _Parts, stopping: Stopping) -> AsyncIterator[None]:
    """Start everything that works in the background; end it in the opposite order."""
    await to_thread.run_sync(migrations.upgrade, parts.database.engine)
    await parts.book.load()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_work_until, stopping, parts.engine)
        tasks.start_soon(Ingester(parts.engine).work)
        tasks.start_soon(sweep_for_ever, parts.engine)
        if parts.embedder is not None:
            tasks.start_soon(parts.embedder.fetch)
            worker = EmbeddingWorker(parts.database, parts.embedder, parts.engine.clock, parts.engine.files_read)
            tasks.start_soon(worker.work)
        tasks.start_soon(discard_for_ever, parts.database)
        tasks.start_soon(
            Retention(parts.settings.log_entries, parts.settings.log_days).work, parts.journal, SystemClock()
        )
        if parts.programs is not None:
            tasks.start_soon(parts.programs.work)
        tasks.start_soon(parts.builtin.run)
        tasks.start_soon(_start_sandbox, parts.interpreter)
        tasks.start_soon(_watch, parts)
        _log.info("Open %s", await first_address(parts.settings, parts.door))
        yield
        tasks.cancel_scope.cancel()
    await parts.connections.aclose()
    for provider in parts.configured:
        await provider.aclose()
    await parts.interpreter.aclose()
    await parts.builtin.close()
    if parts.engine.vectors is not None:
        parts.engine.vectors.close()
    await parts.database.aclose()
    await parts.engine.tracer.aclose()


async def _work_until(stopping: Stopping, engine: Engine) -> None:
    """Carry runs out; end those in progress before the streams that tell of them are closed."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(engine).work)
        await stopping.wait()
        tasks.cancel_scope.cancel()
    engine.hub.close()


async def _start_sandbox(interpreter: SandboxedInterpreter) -> None:
    """Boot the sandbox once the first page had its chance at the processor; the first cell starts it too."""
    await anyio.sleep(_FIRST_PAGE_SECONDS)
    await interpreter.start()


async def _watch(parts: _Parts) -> None:
    """Keep what the page says about models fresh."""
    status = ""
    for count in itertools.count():
        if status != (status := parts.builtin.state.status):
            parts.engine.models.expire()
        if count % _ASK_EVERY_SECONDS == 0:
            await parts.engine.models.states()
        await anyio.sleep(_LOOK_SECONDS)
