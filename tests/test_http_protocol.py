"""Clients that send a request's head slowly, endlessly, or not at all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.responses import PlainTextResponse

from app.http_protocol import PatientProtocol
from tests.live import serve


class HastyProtocol(PatientProtocol):
    """One whose patience a test can wait for."""

    head_seconds = 0.3
    most_head_bytes = 4096


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    with serve(PlainTextResponse("here"), http=HastyProtocol) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def told(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Send pieces; return what came until the server hung up."""
    with closing(socket.create_connection(address, timeout=10)) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while piece := connection.recv(65_536):
                received += piece
        except ConnectionError:
            pass  # It hung up while more was on its way.
        return received


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n"])
def test_a_head_that_does_not_end_is_not_waited_for(address: tuple[str, int], begun: bytes) -> None:
    assert told(address, begun) == b""


def test_a_second_head_is_not_waited_for_either(address: tuple[str, int]) -> None:
    assert told(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT").count(b"200 OK") == 1


@pytest.mark.parametrize("piece", [b"A: b\r\n" * 1000, b"A: " + b"b" * 6000])
def test_a_head_that_is_too_long_is_cut_off(address: tuple[str, int], piece: bytes) -> None:
    assert told(address, b"GET / HTTP/1.1\r\nHost: x\r\n", *[piece] * 50) == b""


def test_a_slow_body_has_all_the_time(address: tuple[str, int]) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 60000\r\n\r\n"
    assert b"200 OK" in told(address, head, b"a" * 60_000)
