"""What a kernel may say, checked word by word; everything else ends the session."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from typing import Literal

from .jail.frames import FrameError

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_MAX_PNG_BYTES = 12 * 1024 * 1024
_HEAD_BYTES = 24
_MAX_PIXELS = 60_000_000
_MAX_REASONS = 64


@dataclass(frozen=True, slots=True)
class Ready:
    """The jail held its self-test; cells may come."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The jail could not be built, or an attack of the self-test found a hole in it."""

    reasons: tuple[str, ...]
    has_hole: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure of cell number `id`."""

    id: int
    png: bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of cell number `id`."""

    id: int
    outcome: Literal["ok", "error"]


Reply = Ready | Refused | Drawn | Finished


def parse_reply(message: dict[str, object]) -> Reply:
    """Return the reply in a message, or raise `FrameError`."""
    match message:
        case {"id": 0, "event": "ready", **rest} if not rest:
            return Ready()
        case {"id": 0, "event": "refused" | "failed" as event, "reasons": list(reasons), **rest} if not rest:
            return Refused(tuple(str(reason)[:300] for reason in reasons[:_MAX_REASONS]), event == "refused")
        case {"id": int(number), "event": "figure", "png": str(text), **rest} if not rest:
            return Drawn(number, _parse_png(text))
        case {"id": int(number), "event": "done", "outcome": "ok" | "error" as outcome, **rest} if not rest:
            return Finished(number, outcome)
    raise FrameError("a frame has no known shape")


def _parse_png(text: str) -> bytes:
    try:
        png = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise FrameError("a figure is not base64") from exc
    if not _HEAD_BYTES <= len(png) <= _MAX_PNG_BYTES or not png.startswith(_PNG_MAGIC) or png[12:16] != b"IHDR":
        raise FrameError("a figure is not a PNG of a fair size")
    width, height = struct.unpack(">II", png[16:24])
    if not 0 < width * height <= _MAX_PIXELS:
        raise FrameError("a figure has too many pixels")
    return png
