"""The SDK's exceptions, translated to the application's errors."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import openai

from app.connections import sentences
from app.connections.answers import StrangeAnswerError
from app.errors import AppError, Forbidden, InvalidRequest, NotFound, RateLimited, Unauthorized, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.connections.connection import Connection

_BY_STATUS: dict[int, type[AppError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    422: InvalidRequest,
    429: RateLimited,
}
_SILENT = "The service does not answer. Check that it runs, then try again."


@contextmanager
def translated(connection: Connection | None = None) -> Iterator[None]:
    """Raise an `AppError` where a call inside the block fails.

    It says the service's own sentence; for a remote connection also whose failure it is and what to do next.
    """
    remote = connection if connection is not None and connection.is_remote else None
    try:
        yield
    except openai.APIStatusError as exc:
        sentence = sentences.of_status(remote, exc) if remote else _sentence(exc)
        kind = UpstreamFailed if sentence == sentences.SHUT_DOWN else _kind(remote, exc)
        raise kind(sentence, code=exc.code, param=exc.param) from exc
    except openai.APIConnectionError as exc:
        silence = sentences.of_silence(remote, exc) if remote else _SILENT
        raise UpstreamFailed(silence) from exc
    except StrangeAnswerError as exc:
        strange = sentences.of_strange(remote, str(exc)) if remote else f"The service's answer is strange: {exc}."
        raise UpstreamFailed(strange) from exc
    except openai.APIError as exc:
        raise UpstreamFailed(exc.message, code=exc.code, param=exc.param) from exc
    except json.JSONDecodeError as exc:
        who = remote.host if remote else "The service"
        raise UpstreamFailed(f"{who} sent an answer that is no JSON. Check the address, then try again.") from exc


def _kind(remote: Connection | None, exc: openai.APIStatusError) -> type[AppError]:
    """Return the error's class: a refusal of the server's key is not one of the person at the page."""
    is_ours = remote is None or exc.status_code not in {401, 403}
    return _BY_STATUS.get(exc.status_code, UpstreamFailed) if is_ours else UpstreamFailed


def _sentence(exc: openai.APIStatusError) -> str:
    match exc.body:
        case {"message": str(message)} | {"error": {"message": str(message)}}:
            return message
        case _:
            return f"The service answered with status {exc.status_code}."
