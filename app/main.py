"""The application: the only module that knows everybody, and wires them together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio import to_thread
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app import migrations
from app.api.application import API_PREFIXES, create_api
from app.clock import SystemClock
from app.database import Database
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.builtin.provider import BuiltinProvider, builtin_provider
from app.engine.models.catalogue import Catalogue
from app.engine.models.port import Provider
from app.engine.models.providers import Ollama, azure_provider, openai_provider
from app.engine.store.blobs import Blobs
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.ids import RandomIds
from app.settings import Settings

_log = logging.getLogger(__name__)


def create_app(settings: Settings) -> ASGIApp:
    """Build the whole application; nothing is opened before its lifespan begins."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    builtin = _builtin(settings)
    interpreter = _interpreter(settings)
    engine = Engine(
        database=database,
        blobs=Blobs(settings.blob_dir),
        models=Catalogue(
            [*_providers(settings), builtin], default_model=settings.default_model, strict=settings.strict_models
        ),
        interpreter=interpreter,
        clock=SystemClock(),
        ids=RandomIds(),
    )
    api = create_api(engine, settings.playground_api_keys)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(migrations.upgrade, database.engine)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Worker(engine).work)
            tasks.start_soon(builtin.run)
            tasks.start_soon(interpreter.start)
            yield
            tasks.cancel_scope.cancel()
        await interpreter.aclose()
        await builtin.close()
        await database.aclose()

    pages = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)

    @pages.get("/health")
    async def health() -> dict[str, object]:
        return {"status": "ok", "sandbox": interpreter.tier, "builtin_model": builtin.state.status}

    return PathSwitch(api, pages)


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


def _providers(settings: Settings) -> list[Provider]:
    """Make the providers that settings name, in the order in which the first available model is looked for."""
    providers: list[Provider] = []
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


def _builtin(settings: Settings) -> BuiltinProvider:
    return builtin_provider(
        settings.builtin_model,
        folder=settings.data_dir / "models",
        idle_minutes=settings.builtin_model_idle_minutes,
        threads=settings.builtin_model_threads,
        ids=RandomIds(),
    )


def _interpreter(settings: Settings) -> SandboxedInterpreter:
    limits = Limits(memory_mb=settings.sandbox_memory_mb, cell_seconds=settings.sandbox_cell_seconds)
    return SandboxedInterpreter(
        choice=settings.sandbox,
        python=settings.sandbox_python,
        work_folder=settings.data_dir / "sessions",
        limits=limits,
    )
