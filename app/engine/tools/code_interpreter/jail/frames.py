"""Frames between the server and a kernel: four bytes of length, then one JSON object."""

from __future__ import annotations

import json
import os
import struct

MAX_FRAME_BYTES = 24 * 1024 * 1024
_HEADER = struct.Struct("!I")


class FrameError(Exception):
    """The other side sent something that is not a frame."""


def encode(message: dict[str, object]) -> bytes:
    """Return the message as one frame."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {len(body)} bytes is over the limit")
    return _HEADER.pack(len(body)) + body


def decode_body(body: bytes) -> dict[str, object]:
    """Return the JSON object in a frame's body, or raise `FrameError`."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise FrameError("a frame is not JSON") from exc
    if not isinstance(message, dict):
        raise FrameError("a frame is not an object")
    return message


class FrameReader:
    """Cuts a stream of bytes into messages; nothing is believed before its length was checked."""

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, object]]:
        """Add bytes and return the messages that are complete now."""
        self._buffer += data
        messages = []
        while (body := self._next_body()) is not None:
            messages.append(decode_body(body))
        return messages

    def _next_body(self) -> bytes | None:
        if len(self._buffer) < _HEADER.size:
            return None
        (length,) = _HEADER.unpack_from(self._buffer)
        if length > self._max_bytes:
            raise FrameError(f"a frame claims {length} bytes")
        end = _HEADER.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_HEADER.size : end])
        del self._buffer[:end]
        return body


def write_frame(descriptor: int, message: dict[str, object]) -> None:
    """Write one frame to a blocking descriptor."""
    view = memoryview(encode(message))
    while view:
        view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> dict[str, object] | None:
    """Read one frame from a blocking descriptor; None when the other side has closed."""
    header = _read_exactly(descriptor, _HEADER.size)
    if header is None:
        return None
    (length,) = _HEADER.unpack(header)
    if length > MAX_FRAME_BYTES:
        raise FrameError(f"a frame claims {length} bytes")
    body = _read_exactly(descriptor, length)
    return None if body is None else decode_body(body)


def _read_exactly(descriptor: int, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        part = os.read(descriptor, count - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
