"""The application: the only module that knows everybody, and wires them together."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app import migrations
from app.api.application import API_PREFIXES, create_api
from app.api.program_runs import ProgramRuns
from app.clock import SystemClock
from app.connections.clients import BUILT_IN, Connections
from app.connections.principal import current_person
from app.database import Database
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.builtin.minilm import MiniLm
from app.engine.models.builtin.provider import BuiltinProvider, builtin_provider
from app.engine.models.catalogue import Catalogue
from app.engine.models.embeddings import Embedder
from app.engine.models.provider_embeddings import ProviderEmbedder
from app.engine.models.providers import ConfiguredProvider, Ollama, azure_provider, openai_provider
from app.engine.store.blobs import Blobs
from app.engine.store.bucket import Bucket
from app.engine.sweeper import sweep_for_ever
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.file_search.discarding import discard_for_ever
from app.engine.tools.file_search.embedding_worker import EmbeddingWorker
from app.engine.tools.file_search.ingester import Ingester
from app.engine.tools.file_search.vectors import VectorIndex
from app.entrance import entrance, first_address, guarded
from app.ids import RandomIds
from app.journal.call_outputs import CallOutputs
from app.journal.chats import Chats
from app.journal.journal import Journal
from app.journal.mocks import Mocks
from app.journal.programs import ProgramJournal
from app.journal.retention import Retention
from app.journal.titles import Titles
from app.loopback import is_loopback
from app.operation import Operation, operation_router
from app.people.keys import Keys
from app.people.people import People
from app.playground.costs import Prices, read_prices
from app.playground.facts import ProviderFacts, SandboxFacts, ServerFacts, WeightsFacts
from app.playground.router import build_playground
from app.playground.security import secured
from app.playground.services import PlaygroundServices
from app.playground.sign_in.door import Door
from app.settings import Settings

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
        tier = self.interpreter.tier
        return ServerFacts(
            sandbox=SandboxFacts(None if tier == "unavailable" else tier, self.interpreter.reason),
            weights=WeightsFacts(weights.status, weights.done_bytes, weights.total_bytes, weights.reason),
            builtin_model=self.builtin.model_id,
            default_model=self.settings.default_model or next(iter(ids), None),
            providers=tuple(
                ProviderFacts(state.provider.name, state.error is None, state.error.message if state.error else "")
                for state in states
                if state.provider is not self.builtin and (state.models or state.error)
            ),
        )


def create_app(settings: Settings) -> ASGIApp:
    """Build the whole application; nothing is opened before its lifespan begins."""
    parts = _assemble(settings)
    clock = SystemClock()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with _running(parts):
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
        prices=parts.prices,
        door=parts.door,
    )
    pages.add_middleware(GZipMiddleware, minimum_size=1000)
    pages.include_router(build_playground(services))

    interpreter = parts.interpreter
    operation = Operation(parts.engine, parts.facts, lambda: interpreter.session_count, settings.playground_api_keys)
    pages.include_router(operation_router(operation, is_open=parts.door is None))
    switch = PathSwitch(parts.api, guarded(pages, parts.door))
    return secured(switch, host_names=(settings.host, *settings.allowed_hosts), api_prefixes=API_PREFIXES)


class PathSwitch:
    """Sends the API's paths to the API, everything else to the pages."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        await (self._api if _is_api(scope) else self._pages)(scope, receive, send)


def _is_api(scope: Scope) -> bool:
    path = scope.get("path", "")
    return any(path == prefix or path.startswith(prefix + "/") for prefix in API_PREFIXES)


def _assemble(settings: Settings) -> _Parts:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    builtin = builtin_model(settings)
    interpreter = code_interpreter(settings, settings.data_dir / "sessions")
    configured = configured_providers(settings)
    embedder = _embedder(settings, configured)
    engine = Engine(
        database=database,
        blobs=Blobs(settings.blob_dir, blob_bucket(settings)),
        models=Catalogue([*configured, builtin], default_model=settings.default_model, strict=settings.strict_models),
        interpreter=interpreter,
        clock=SystemClock(),
        ids=RandomIds(),
        prompt_days=settings.prompt_days,
        vectors=VectorIndex(database, embedder, settings.data_dir / "vectors") if embedder else None,
    )
    journal = Journal(database, SystemClock())
    programs = ProgramRuns(engine, ProgramJournal(journal, SystemClock())) if settings.log_programs else None
    door = entrance(settings, People(database, SystemClock()), Keys(database, SystemClock()))
    person_of = door.keys.person_of if door else None
    api = create_api(engine, settings.playground_api_keys, person_of, programs=programs)
    connections = Connections([BUILT_IN], engine_app=api)
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
        journal=journal,
        programs=programs,
        api=api,
        prices=prices,
        door=door,
    )


def blob_bucket(settings: Settings) -> Bucket | None:
    """Address the bucket that settings name, if they name one; raises `InvalidRequest`."""
    if settings.blob_store_url is None:
        return None
    secrets = {
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": settings.aws_secret_access_key and settings.aws_secret_access_key.get_secret_value(),
        "session_token": settings.aws_session_token and settings.aws_session_token.get_secret_value(),
    }
    given = {name: secret for name, secret in secrets.items() if secret}
    return Bucket(settings.blob_store_url, endpoint=settings.aws_endpoint_url, region=settings.aws_region, **given)


def _embedder(settings: Settings, configured: Sequence[ConfiguredProvider]) -> Embedder | None:
    """Return the first provider's model where settings name one, else the built-in model."""
    if settings.embeddings == "off":
        return None
    if settings.embedding_model is not None and configured:
        return ProviderEmbedder(settings.embedding_model, configured[0].name, configured[0].client)
    is_off = settings.embeddings == "auto" and settings.builtin_model == "off"
    return None if is_off else MiniLm(settings.data_dir / "models")


@asynccontextmanager
async def _running(parts: _Parts) -> AsyncIterator[None]:
    """Start everything that works in the background; end it in the opposite order."""
    await to_thread.run_sync(migrations.upgrade, parts.database.engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(parts.engine).work)
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


def configured_providers(settings: Settings) -> list[ConfiguredProvider]:
    """Make the providers that settings name, in the order in which the first available model is looked for."""
    providers: list[ConfiguredProvider] = []
    window = settings.model_context_tokens
    if settings.openai_api_key is not None or settings.openai_base_url is not None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
        providers.append(openai_provider(key, settings.openai_base_url, window))
    if settings.azure_openai_endpoint is not None:
        secret = settings.azure_openai_api_key
        providers.append(
            azure_provider(
                settings.azure_openai_endpoint,
                secret.get_secret_value() if secret else None,
                settings.azure_openai_deployment_name,
                settings.openai_api_version,
                window,
            )
        )
    if settings.ollama_base_url.lower() != "off":
        providers.append(Ollama(settings.ollama_base_url, window) if window else Ollama(settings.ollama_base_url))
    return providers


def builtin_model(settings: Settings) -> BuiltinProvider:
    """Make the built-in model's provider; nothing is fetched before it runs."""
    return builtin_provider(
        settings.builtin_model,
        folder=settings.data_dir / "models",
        idle_minutes=settings.builtin_model_idle_minutes,
        threads=settings.builtin_model_threads,
        tools=settings.builtin_model_tools,
        ids=RandomIds(),
    )


def code_interpreter(settings: Settings, work_folder: Path) -> SandboxedInterpreter:
    """Make the code interpreter; no sandbox is tried before it starts."""
    return SandboxedInterpreter(
        choice=settings.sandbox,
        python=settings.sandbox_python,
        wasm_python=settings.sandbox_wasm_python,
        work_folder=work_folder,
        limits=Limits(memory_mb=settings.sandbox_memory_mb, cell_seconds=settings.sandbox_cell_seconds),
        is_unsafe_confirmed=bool(settings.sandbox_unsafe) and is_loopback(settings.host),
    )
