"""The figures that a cell left open, as PNG bytes in the order in which they were made."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

MAX_FIGURES = 20
MAX_PNG_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 60_000_000


class FigureProblem(Exception):
    """A figure could not be shown; the message is for the model."""


def take_open_figures() -> Iterator[bytes]:
    """Yield each open figure and close them all; says so when there are too many."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    numbers = pyplot.get_fignums()
    try:
        for number in numbers[:MAX_FIGURES]:
            yield _render(pyplot.figure(number))
    finally:
        pyplot.close("all")
    if len(numbers) > MAX_FIGURES:
        raise FigureProblem(f"{len(numbers)} figures were open; only the first {MAX_FIGURES} are shown")


def _render(figure: object) -> bytes:
    width, height = figure.get_size_inches() * figure.dpi  # type: ignore[attr-defined]  # As below.
    if width * height > MAX_PIXELS:
        raise FigureProblem(f"a figure of {width:.0f} by {height:.0f} pixels is too large to show; draw it smaller")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")  # type: ignore[attr-defined]  # matplotlib is not typed here.
    png = buffer.getvalue()
    if len(png) > MAX_PNG_BYTES:
        raise FigureProblem(f"a figure of {len(png) // 1_000_000} MB is too large to show; draw it smaller")
    return png
