"""The port to chat models: one request goes in, a stream of events comes out.

The run loop knows only this module. An adapter translates the request to its provider, and raises
`errors.UpstreamFailed` (code `server_error`, `rate_limit_exceeded` or `invalid_prompt`, as in a run's `last_error`)
with a sentence that names the provider, the cause and the next step.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

ToolKind = Literal["function", "code_interpreter", "file_search"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]
ToolChoiceMode = Literal["auto", "none", "required"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """Plain text in a user's message."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image in a user's message, as an https or data URL."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asked for; `arguments` is the raw JSON text it wrote."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """Instructions."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user said."""

    parts: tuple[TextPart | ImagePart, ...]

    @property
    def text(self) -> str:
        """All text parts, joined by newlines."""
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said, and the tools it called in the same turn."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The output of one tool call."""

    tool_call_id: str
    text: str


ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool on offer; `parameters` is a JSON Schema object. `kind` tells what stands behind the name."""

    kind: ToolKind
    name: str
    description: str
    parameters: Mapping[str, object]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file that lies in the code interpreter's `/mnt/data`; `preview` is a short plain-text view of its beginning.

    For a table (csv, json) the preview names columns and shows the first rows; it is empty when nothing useful
    can be shown.
    """

    name: str
    size_bytes: int
    preview: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything that a model needs for one turn."""

    model: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: ToolChoiceMode | str = "auto"
    """`auto`, `none`, `required`, or the name of the tool that must be called, written `tool:NAME`."""
    parallel_tool_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    response_format: Mapping[str, object] | None = None
    reasoning_effort: str | None = None
    files: tuple[FileInput, ...] = ()
    traceparent: str | None = None
    """The trace that the call belongs to, for providers that go on with it."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """The next piece of a refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """The next piece of a tool call; `id` and `name` come once, with the first piece of each `index`."""

    index: int
    arguments: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that one turn took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn's end: always the last event of a stream that was not cut off."""

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)


ModelEvent = TextDelta | RefusalDelta | ToolCallDelta | Finished


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model on offer: `id` is what programs write as `model` (an Azure deployment's name, for instance)."""

    id: str
    provider: str
    context_window: int
    created_at: int = 0
    owned_by: str = ""
    sees_images: bool = False
    note: str = ""


class ChatModel(Protocol):
    """One model that answers."""

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        """Answer `request`; closing the iterator stops the model."""
        ...


class Provider(Protocol):
    """A place that offers models."""

    @property
    def name(self) -> str:
        """The provider's name for people."""
        ...

    async def models(self) -> list[ModelInfo]:
        """List what is on offer now; raises `UpstreamFailed` when the provider can't be asked."""
        ...

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model that `models` described."""
        ...
