"""The SDK's exceptions become the application's errors, with the service's own sentence."""

from __future__ import annotations

import httpx2
import openai
import pytest

from app.connections.failures import translated
from app.errors import AppError, Forbidden, InvalidRequest, NotFound, RateLimited, Unauthorized, UpstreamFailed

REQUEST = httpx2.Request("GET", "http://localhost/v1/threads")


def status_error(status: int, body: object) -> openai.APIStatusError:
    return openai.APIStatusError("raw", response=httpx2.Response(status, request=REQUEST), body=body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (422, InvalidRequest),
        (429, RateLimited),
        (500, UpstreamFailed),
    ],
)
def test_a_status_becomes_its_error(status: int, kind: type[AppError]) -> None:
    body = {"message": "Too long.", "code": "string_above_max_length", "param": "name"}
    with pytest.raises(kind) as caught, translated():
        raise status_error(status, body)
    assert (caught.value.message, caught.value.code, caught.value.param) == ("Too long.", body["code"], "name")


def test_a_body_without_a_sentence_says_the_status() -> None:
    with pytest.raises(UpstreamFailed, match="status 503"), translated():
        raise status_error(503, "<html>")


def test_a_service_that_does_not_answer_says_what_to_do() -> None:
    with pytest.raises(UpstreamFailed, match="Check that it runs"), translated():
        raise openai.APIConnectionError(request=REQUEST)


def test_an_error_inside_a_stream_keeps_its_sentence() -> None:
    with pytest.raises(UpstreamFailed, match=r"The model is overloaded\."), translated():
        raise openai.APIError("The model is overloaded.", REQUEST, body=None)
