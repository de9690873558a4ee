"""The port to tracing: who is told what the engine begins and ends, which is nobody unless telemetry is set up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from app.engine.models.port import ChatModel, ToolKind
from app.wire.runs import Run

_NOTHING = nullcontext()


class Tracer(Protocol):
    """Follows runs; told ids, names of models and numbers, it must keep none of what people and models say."""

    def origin(self) -> str | None:
        """Return the trace that this task's request belongs to, as a `traceparent` header has it."""
        ...

    def run(self, latest: Callable[[], Run], origin: str | None) -> AbstractContextManager[object]:
        """Follow a run inside the block, as part of the trace it comes from; `latest` returns the run as it stands."""
        ...

    def tool(self, kind: ToolKind, call_id: str) -> AbstractContextManager[object]:
        """Follow a tool call inside the block."""
        ...

    def model(self, model: ChatModel) -> ChatModel:
        """Return the model with each of its calls followed."""
        ...

    async def aclose(self) -> None:
        """Pass on what is left, within a few seconds."""
        ...


class NoTracer:
    """Follows nothing."""

    def origin(self) -> None:
        """Name no trace."""

    def run(self, latest: Callable[[], Run], origin: str | None) -> AbstractContextManager[object]:  # noqa: ARG002
        """Follow nothing."""
        return _NOTHING

    def tool(self, kind: ToolKind, call_id: str) -> AbstractContextManager[object]:  # noqa: ARG002
        """Follow nothing."""
        return _NOTHING

    def model(self, model: ChatModel) -> ChatModel:
        """Return the model as it is."""
        return model

    async def aclose(self) -> None:
        """Have nothing left."""
