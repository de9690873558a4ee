"""The SDK's exceptions, translated to the application's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import openai

from app.errors import AppError, Forbidden, InvalidRequest, NotFound, RateLimited, Unauthorized, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_BY_STATUS: dict[int, type[AppError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    422: InvalidRequest,
    429: RateLimited,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise an `AppError` with the service's own sentence where a call inside the block fails."""
    try:
        yield
    except openai.APIStatusError as exc:
        kind = _BY_STATUS.get(exc.status_code, UpstreamFailed)
        raise kind(_sentence(exc), code=exc.code, param=exc.param) from exc
    except openai.APIConnectionError as exc:
        raise UpstreamFailed("The service does not answer. Check that it runs, then try again.") from exc
    except openai.APIError as exc:
        raise UpstreamFailed(exc.message, code=exc.code, param=exc.param) from exc


def _sentence(exc: openai.APIStatusError) -> str:
    match exc.body:
        case {"message": str(message)} | {"error": {"message": str(message)}}:
            return message
        case _:
            return f"The service answered with status {exc.status_code}."
