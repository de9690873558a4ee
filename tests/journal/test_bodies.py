from __future__ import annotations

from app.journal.bodies import LIMIT_BYTES, Body, media_type


def kept(content_type: str, *chunks: bytes, encoding: str = "") -> str | None:
    body = Body(media_type(content_type), encoding)
    for chunk in chunks:
        body.add(chunk)
    return body.value()


def test_text_is_kept_as_it_was() -> None:
    assert kept("application/json; charset=utf-8", b'{"a": ', b"[1, null]}") == '{"a": [1, null]}'
    assert kept("application/json", b'{"a": ') == '{"a": '


def test_binary_compressed_and_withheld_bodies_are_kept_as_their_size() -> None:
    assert kept("image/png", b"\x89PNG", b"1234") == "<8 bytes of image/png>"
    assert kept("application/json", b"\x1f\x8b", encoding="gzip") == "<2 bytes of application/json>"
    withheld = Body("text/csv", is_withheld=True)
    withheld.add(b"a,b")
    assert withheld.value() == "<3 bytes of text/csv>"


def test_nothing_is_nothing() -> None:
    assert kept("application/json") is None


def test_a_long_body_is_cut_and_says_so() -> None:
    value = kept("text/plain", b"x" * LIMIT_BYTES, b"y" * 10)
    assert value is not None
    assert value.endswith("x<10 bytes more>")


def test_a_stream_is_marked_with_times_and_counts_of_events() -> None:
    body = Body("text/event-stream")
    body.add(b"data: 1\n\ndata: 2\n", 5.04)
    body.add(b"\ndata: 3\n\n", 9.0)
    assert body.marks == [[5.0, 1], [9.0, 3]]
