from __future__ import annotations

import pytest

from app.connections.bodies import LIMIT_BYTES, Body, media_type, redact_path


def kept(content_type: str, *chunks: bytes, encoding: str = "") -> object:
    body = Body(media_type(content_type), encoding)
    for chunk in chunks:
        body.add(chunk)
    return body.value()


def test_json_is_kept_as_json() -> None:
    assert kept("application/json; charset=utf-8", b'{"a": ', b"[1, null]}") == {"a": [1, None]}


def test_broken_json_is_kept_as_text() -> None:
    assert kept("application/json", b'{"a": ') == '{"a": '
    assert kept("application/json", b"[" * 100_000) == "[" * 100_000


def test_events_are_kept_as_a_list() -> None:
    stream = b': ping\n\nevent: thread.run.created\ndata: {"id": "run_1"}\n\nevent: done\r\ndata: [DONE]\r\n\r\n'
    assert kept("text/event-stream", stream[:20], stream[20:]) == [
        {"event": "thread.run.created", "data": {"id": "run_1"}},
        {"event": "done", "data": "[DONE]"},
    ]


def test_binary_and_compressed_bodies_are_kept_as_their_size() -> None:
    assert kept("image/png", b"\x89PNG", b"1234") == "<8 bytes of image/png>"
    assert kept("application/json", b"\x1f\x8b", encoding="gzip") == "<2 bytes of application/json>"


def test_nothing_is_nothing() -> None:
    assert kept("application/json") is None


def test_a_long_body_is_cut_and_says_so() -> None:
    value = kept("text/plain", b"x" * LIMIT_BYTES, b"y" * 10)
    assert isinstance(value, str)
    assert value.endswith("x<10 bytes more>")
    events = kept("text/event-stream", b"data: 1\n\n" * 40_000)
    assert isinstance(events, list)
    assert events[0] == {"data": 1}
    assert str(events[-1]).endswith("bytes more>")


@pytest.mark.parametrize("name", ["api_key", "api-key", "Authorization", "azure_ad_token", "client_secret", "password"])
def test_values_of_secret_names_are_struck_out(name: str) -> None:
    assert kept("application/json", f'{{"deep": [{{"{name}": "hush"}}]}}'.encode()) == {"deep": [{name: "[redacted]"}]}


@pytest.mark.parametrize("name", ["max_tokens", "prompt_tokens", "token", "keywords", "secretary"])
def test_innocent_names_are_left_alone(name: str) -> None:
    assert kept("application/json", f'{{"{name}": 7}}'.encode()) == {name: 7}


@pytest.mark.parametrize("secret", ["sk-abcdefghijklmnopqrst", "Bearer abc.def-ghi", "eyJhbGciOiJI.eyJzdWIiOiIx.sig"])
def test_secret_looking_values_are_struck_out_wherever_they_stand(secret: str) -> None:
    assert secret not in str(kept("application/json", f'{{"content": "my key is {secret}"}}'.encode()))
    assert secret not in str(kept("text/plain", secret.encode()))


def test_a_path_keeps_its_query_but_no_secret() -> None:
    assert redact_path("/a?api-version=1&api-key=hush&b=") == "/a?api-version=1&api-key=[redacted]&b="
