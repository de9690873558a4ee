"""How much a model provider may send: what is longer is no answer of a model, and would fill the memory."""

from __future__ import annotations

from functools import partial
from typing import Final

import httpx2
import openai

from app.bodies import limited

LONGEST_LINE_BYTES: Final = 1024 * 1024
"""Of a streamed answer, where a line is one event."""
LONGEST_STREAM_BYTES: Final = 256 * 1024 * 1024
"""Of a streamed answer with all that is around its words, some hundred bytes for each."""
LARGEST_BODY_BYTES: Final = 32 * 1024 * 1024
"""Of an answer that is not streamed: lists of models, embeddings, failures."""
LONGEST_ANSWER_CHARACTERS: Final = 4 * 1024 * 1024
"""Text and arguments of one answer; the longest ones that models give have half a million characters."""
CALL_CHARACTERS: Final = 1024
"""What each tool call counts beside its arguments, so that empty ones have an end too."""
_MEGABYTE: Final = 1024 * 1024


class TooMuchError(httpx2.ReadError):
    """A provider sends more than it may; the text says what."""


def bounded_client() -> httpx2.AsyncClient:
    """Make the HTTP client of a provider: the SDK's own, whose responses end where they get too long."""
    return openai.DefaultAsyncHttpxClient(
        event_hooks={"response": [_bound]},
        headers={"accept-encoding": "identity"},  # A small compressed body may become an endless one.
    )


async def _bound(response: httpx2.Response) -> None:
    """Let the response's stream end with an error when it gets too long; raises `TooMuchError`."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise TooMuchError("a compressed answer, though it was asked for as it is")
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    most_bytes = LONGEST_STREAM_BYTES if is_stream else LARGEST_BODY_BYTES
    too_long = partial(TooMuchError, f"more than {most_bytes // _MEGABYTE} MB in one answer")
    response.stream = limited(response, most_bytes, too_long)
