"""What a provider's failures mean for a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from app.engine.models.bounds import TooMuchError
from app.errors import UpstreamFailed


class MalformedError(ValueError):
    """An answer is JSON of another shape than the protocol has."""


@contextmanager
def translated(provider: str, subject: str) -> Iterator[None]:
    """Turn the SDK's exceptions into `UpstreamFailed`, with a `last_error.code` and a sentence with the next step."""
    try:
        yield
    except openai.APIStatusError as exc:
        raise _from_status(provider, subject, exc) from exc
    except (openai.APITimeoutError, httpx2.TimeoutException) as exc:
        raise UpstreamFailed(f"{provider} did not answer in time. Is it overloaded?", code="server_error") from exc
    except (openai.APIConnectionError, httpx2.HTTPError) as exc:
        if isinstance(cause := exc.__cause__ or exc, TooMuchError):
            raise UpstreamFailed(f"{provider} sent {cause}. Check its base URL.", code="server_error") from exc
        message = f"{provider} can't be reached or broke off ({_cause(exc)}). Check its URL and that it runs."
        raise UpstreamFailed(message, code="server_error") from exc
    except (MalformedError, json.JSONDecodeError, UnicodeDecodeError, RecursionError, openai.OpenAIError) as exc:
        message = f"{provider} sent an answer that is not the Chat Completions protocol. Check its base URL."
        raise UpstreamFailed(message, code="server_error") from exc


def _from_status(provider: str, subject: str, exc: openai.APIStatusError) -> UpstreamFailed:
    said = _said(exc)
    match exc.status_code:
        case 401 | 403:
            message = f"{provider} refused the key ({exc.status_code}). Check the key and its rights."
        case 404:
            message = f"{provider} does not know {subject} (404): {said}"
        case 429:
            return UpstreamFailed(f"{provider} is limiting requests (429): {said}", code="rate_limit_exceeded")
        case 400 | 413 | 422:
            return UpstreamFailed(f"{provider} refused the request: {said}", code="invalid_prompt")
        case status:
            message = f"{provider} failed ({status}): {said}"
    return UpstreamFailed(message, code="server_error")


def _said(exc: openai.APIStatusError) -> str:
    body = exc.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict) and inner.get("message"):
            return str(inner["message"])[:500]
    return "no reason given"


def _cause(exc: BaseException) -> str:
    cause = exc.__cause__ or exc
    return str(cause)[:200] or type(cause).__name__
