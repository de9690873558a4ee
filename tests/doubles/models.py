"""Doubles of the model port: models that play back what a test wrote."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import anyio

from app.engine.models.port import (
    ChatModel,
    ChatRequest,
    Finished,
    ModelEvent,
    ModelInfo,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from app.errors import UpstreamFailed

Turn = Sequence[ModelEvent | UpstreamFailed | float]
"""Events of one answer; an error is raised, a number is a wait in seconds."""


def says(text: str, *, reason: str = "stop", usage: Usage | None = None) -> Turn:
    """Answer with text, word by word."""
    *first, last = text.split(" ")
    words = [*(TextDelta(word + " ") for word in first), TextDelta(last)]
    return [*words, Finished(reason, usage or Usage(10, 5))]  # type: ignore[arg-type]  # a test's own word


def calls(*asked: tuple[str, str]) -> Turn:
    """Call tools: pairs of name and arguments."""
    deltas = [ToolCallDelta(index, arguments, f"up_{index}", name) for index, (name, arguments) in enumerate(asked)]
    return [*deltas, Finished("tool_calls", Usage(10, 5))]


class ScriptedModel:
    """Plays back its turns, one a request, and remembers the requests."""

    def __init__(self, info: ModelInfo) -> None:
        self.info = info
        self.turns: list[Turn] = []
        self.requests: list[ChatRequest] = []

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        """Play the next turn."""
        self.requests.append(request)
        for event in self.turns.pop(0):
            if isinstance(event, UpstreamFailed):
                raise event
            if isinstance(event, float):
                await anyio.sleep(event)
            else:
                yield event


class ScriptedProvider:
    """Offers one scripted model, or fails to list it."""

    def __init__(self, model_id: str = "scripted", *, window: int = 8_000, sees_images: bool = False) -> None:
        self.name = "Script"
        self.error: UpstreamFailed | None = None
        self.model = ScriptedModel(ModelInfo(model_id, self.name, window, sees_images=sees_images))

    async def models(self) -> list[ModelInfo]:
        """List the model."""
        if self.error is not None:
            raise self.error
        return [self.model.info]

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model."""
        return self.model
