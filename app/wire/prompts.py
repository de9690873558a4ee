"""What a model was sent, call by call: an extension, since the hosted services never told."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.wire.base import WireModel


class PromptMessage(WireModel):
    """One message as the model was sent it, in the Chat Completions shape."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Any = Field(description="Text, or parts; pictures are named, not repeated.")
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    estimated_tokens: int
    was_shortened: bool = Field(description="Its middle was taken out, because it did not fit into the window.")


class PromptCall(WireModel):
    """One call of the model, and what truncation kept from it."""

    number: int
    created_at: int
    provider: str
    context_window: int
    settings: dict[str, Any] = Field(description="The request's other fields: model, tools, sampling.")
    estimated_tool_tokens: int = Field(description="What the tools' descriptions take.")
    messages: list[PromptMessage]
    left_out: list[PromptMessage] = Field(
        description="Older messages that did not fit; only their beginning and end are kept."
    )
    earlier_messages: int = Field(
        description="Messages of the thread that were not read at all: older than `last_messages` or the newest 500."
    )
    is_cut: bool = Field(description="The call was so long that this record of it lost the middle of its texts.")
    prompt_tokens: int | None = Field(description="As the provider counted; null when the call did not end well.")
    completion_tokens: int | None


class Prompt(WireModel):
    """All calls of a run; none when they were not recorded or are not kept any more."""

    object: Literal["thread.run.prompt"] = "thread.run.prompt"
    run_id: str
    thread_id: str
    calls: list[PromptCall]
