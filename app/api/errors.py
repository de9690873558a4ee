"""Errors as the hosted services wrote them, in each dialect."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api.dialect import Dialect, dialect_of
from app.api.validation import first_problem
from app.database import FAULTS
from app.errors import AppError, DatabaseUnavailable, InvalidRequest, NotFound, RateLimited, Unauthorized

_log = logging.getLogger(__name__)


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of the API a JSON error body of the caller's dialect."""

    @app.exception_handler(AppError)
    async def _on_app_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AppError)
        return error_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return error_response(request, first_problem(error.errors()))

    @app.exception_handler(HTTPException)
    async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return error_response(request, _routing_error(request, error))

    async def _on_database_fault(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s: the database does not answer: %s", request.method, request.url.path, type(error).__name__)
        return error_response(request, DatabaseUnavailable())

    for fault in FAULTS:
        app.add_exception_handler(fault, _on_database_fault)

    @app.exception_handler(Exception)
    async def _on_bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        message = "The server had an error while processing your request. Its log says why."
        return error_response(request, AppError(message, code="internal_error"))


def error_response(request: Request, error: AppError) -> JSONResponse:
    """Write an error as JSON with its status."""
    headers = {"retry-after": str(error.retry_after_seconds)} if isinstance(error, RateLimited) else None
    return JSONResponse(error_body(error, dialect_of(request.url.path)), error.status, headers=headers)


def error_body(error: AppError, dialect: Dialect) -> Mapping[str, object]:
    """Return the error's body: Azure's gateway errors have two keys, all others four."""
    is_gateway = isinstance(error, Unauthorized) or error.code in {"404", "405"}
    if dialect is Dialect.AZURE and is_gateway:
        return {"error": {"code": str(error.status), "message": error.message}}
    code = None if error.code in {"404", "405"} else error.code
    return {"error": {"message": error.message, "type": error.kind, "param": error.param, "code": code}}


def _routing_error(request: Request, error: HTTPException) -> AppError:
    match error.status_code:
        case 404:
            if dialect_of(request.url.path) is Dialect.AZURE:
                return NotFound("Resource not found", code="404")
            return NotFound(f"Invalid URL ({request.method} {request.url.path})", code="404")
        case 405:
            return _MethodNotAllowed(f"Not allowed: {request.method} {request.url.path}.", code="405")
        case _:
            return InvalidRequest(str(error.detail))


class _MethodNotAllowed(InvalidRequest):
    """The route exists, but not with this method."""

    status = 405
