"""The API as an application of its own: every route in every dialect, one way of failing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from opentelemetry.trace import TracerProvider
from pydantic import SecretStr
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import PersonOf, require_caller
from app.api.dialect import AZURE_PREFIX, OPENAI_PREFIXES
from app.api.document import install_document
from app.api.errors import install_error_handlers
from app.api.program_runs import ProgramRuns
from app.api.programs import ProgramLog
from app.api.routes import (
    assistants,
    files,
    limits,
    messages,
    models,
    prompts,
    runs,
    steps,
    threads,
    v1_files,
    vector_stores,
)
from app.engine.engine import Engine

_NOUNS = (
    assistants.router,
    runs.router,
    threads.router,
    messages.router,
    steps.router,
    prompts.router,
    files.router,
    models.router,
    vector_stores.router,
    v1_files.router,
    limits.router,
)
API_PREFIXES = (AZURE_PREFIX, "/v1")
"""Paths that begin with one of these belong to the API."""


def create_api(
    engine: Engine,
    api_keys: tuple[SecretStr, ...],
    person_of: PersonOf | None = None,
    programs: ProgramRuns | None = None,
    traces: TracerProvider | None = None,
) -> ASGIApp:
    """Build the API over an engine; with `api_keys` or `person_of` a caller must send a key that they know.

    With `programs` the calls of programs are recorded, with `traces` each request is a span.
    """
    app = FastAPI(
        title="Assistants API",
        version="2",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        telemetry={
            "tracer_provider": traces,
            "tracing": traces is not None,
            "operation_spans": False,
            "metrics": False,
            "logs": False,
            "auto_configure": False,
        },
    )
    app.state.engine = engine
    app.state.api_keys = api_keys
    app.state.person_of = person_of
    app.router.routes.extend(_routes())
    install_error_handlers(app)
    install_document(app)
    api = RequestHeaders(app)
    return api if programs is None else ProgramLog(api, programs, has_strangers=person_of is not None)


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes, which know no application: they take half a second to make, once in a process."""
    router = APIRouter(strict_content_type=False)
    for prefix in OPENAI_PREFIXES:
        _add_routes(router, prefix, _NOUNS)
    _add_routes(router, AZURE_PREFIX, (*_NOUNS, models.azure_router))
    return router.routes


def _add_routes(router: APIRouter, prefix: str, nouns: Sequence[APIRouter]) -> None:
    """Add the nouns' routes one by one: FastAPI matches a request twice at every level of included routers."""
    routes = [route for noun in nouns for route in noun.routes if isinstance(route, APIRoute)]
    for route in routes:
        router.add_api_route(
            prefix + route.path,
            route.endpoint,
            methods=list(route.methods or ()),
            response_model=route.response_model,
            response_class=route.response_class,
            tags=route.tags,
            dependencies=[Depends(require_caller), *route.dependencies],
            openapi_extra=route.openapi_extra,
            route_class_override=type(route),
        )


class RequestHeaders:
    """Puts a request id and the processing time on every answer, under the names that each dialect uses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        known = scope.get("extensions", {}).get("request_id")
        request_id = str(known or f"req_{secrets.token_hex(16)}").encode()
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                took_ms = str(int((time.perf_counter() - started) * 1000)).encode()
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id),
                    (b"apim-request-id", request_id),
                    (b"openai-processing-ms", took_ms),
                    (b"openai-version", b"2020-10-01"),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)
