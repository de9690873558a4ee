"""Answers: one object, or a run's stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import anyio
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from app.engine.engine import Engine
from app.engine.steps import get_step
from app.wire.base import WireModel
from app.wire.events import DONE_FRAME, StreamEvent, object_event
from app.wire.runs import Run
from app.wire.v1 import to_v1

_PING_SECONDS = 15
_SEND_SECONDS = 30
_LAST_EVENTS_SECONDS = 4
POLL_AFTER_MS = "300"


class WireResponse(Response):
    """An object as JSON."""

    media_type = "application/json"

    def __init__(self, body: WireModel, headers: dict[str, str] | None = None) -> None:
        super().__init__(body.model_dump_json(), headers=headers)

    def replace_body(self, text: str) -> None:
        """Answer with another text instead."""
        self.body = self.render(text)
        self.headers["content-length"] = str(len(self.body))


def run_response(run: Run) -> WireResponse:
    """Answer with a run, and say how soon to ask again."""
    return WireResponse(run, headers={"openai-poll-after-ms": POLL_AFTER_MS})


def run_stream(
    engine: Engine, run: Run, *, speaks_v1: bool, position: int = 0, with_passages: bool = False
) -> EventSourceResponse:
    """Answer with a run's events from `position` on; a client that hangs up does not stop the run."""
    frame = _v1_frame if speaks_v1 else _frame
    stream = engine.hub.stream(run.id)

    async def frames() -> AsyncIterator[bytes]:
        async for batch in stream.follow(position):
            shown = [await _with_passages(engine, run, event) for event in batch] if with_passages else batch
            yield b"".join(map(frame, shown))
        yield DONE_FRAME

    return EventSourceResponse(
        frames(),
        ping=_PING_SECONDS,
        send_timeout=_SEND_SECONDS,
        sep="\n",
        shutdown_event=anyio.Event(),  # Only with one there is time for the events of a run that ends with the server.
        shutdown_grace_period=_LAST_EVENTS_SECONDS,
    )


async def _with_passages(engine: Engine, run: Run, event: StreamEvent) -> StreamEvent:
    """Put the text of what a search found into its step, which events leave out."""
    if event.name != "thread.run.step.completed" or '"file_search"' not in event.data:
        return event
    step_id = json.loads(event.data)["id"]
    step = await get_step(engine, run.thread_id, run.id, step_id, with_passages=True)
    return object_event(event.name, step)


def _frame(event: StreamEvent) -> bytes:
    return event.frame


def _v1_frame(event: StreamEvent) -> bytes:
    return StreamEvent(event.name, json.dumps(to_v1(json.loads(event.data)))).frame
