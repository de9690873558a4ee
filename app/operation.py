"""What those who run the server ask it: whether it lives, whether it is ready, and how it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import SecretStr
from starlette.responses import Response

from app.engine.engine import Engine
from app.engine.runs import count_active
from app.playground.facts import FactsSource
from app.server_keys import is_server_key


@dataclass(frozen=True, slots=True)
class Operation:
    """What the routes look at."""

    engine: Engine
    facts: FactsSource
    session_count: Callable[[], int]
    keys: Sequence[SecretStr]
    """Keys that open the metrics; without any they are open, as where nobody signs in."""


def operation_router(operation: Operation, *, is_open: bool) -> APIRouter:
    """Return the routes `/health`, `/health/live`, `/health/ready` and `/metrics`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    async def health(authorization: Annotated[str, Header()] = "") -> dict[str, object]:
        facts = operation.facts()
        known: dict[str, object] = {
            "status": "ok",
            "sandbox": facts.sandbox.tier or "unavailable",
            "builtin_model": facts.weights.state,
        }
        if not is_open and not _is_known(authorization, operation.keys):
            return known  # Addresses of other services, and why they fail, are not for strangers.
        return known | {
            "sandbox_reason": facts.sandbox.reason,
            "providers": {provider.name: "up" if provider.is_up else provider.reason for provider in facts.providers},
        }

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        problem = await _problem(operation.engine)
        return JSONResponse({"status": problem or "ok"}, 503 if problem else 200)

    @router.get("/metrics")
    async def metrics(authorization: Annotated[str, Header()] = "") -> Response:
        if not is_open and not _is_known(authorization, operation.keys):
            return PlainTextResponse("Send one of the server's PLAYGROUND_API_KEYS as a bearer token.", 401)
        engine = operation.engine
        engine.meter.show(await count_active(engine), len(engine.hub), operation.session_count())
        return Response(generate_latest(engine.meter.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def _problem(engine: Engine) -> str:
    """Return why the server can't work now; empty when it can."""
    try:
        await engine.database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
    except Exception as error:
        return f"The database does not answer: {type(error).__name__}."
    return ""


def _is_known(authorization: str, keys: Sequence[SecretStr]) -> bool:
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and is_server_key(given, keys)
