"""Assistants on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.wire.base import Metadata, ModelName, RequestModel, SmallJson
from app.wire.pages import Listed
from app.wire.tools import ReasoningEffort, ResponseFormat, Tool, ToolResources

Name = Annotated[str, StringConstraints(max_length=256)]
Description = Annotated[str, StringConstraints(max_length=512)]
Instructions = Annotated[str, StringConstraints(max_length=256_000)]


class Assistant(Listed):
    """A model with instructions and tools."""

    object: Literal["assistant"] = "assistant"
    created_at: int
    name: str | None
    description: str | None
    model: str
    instructions: str | None
    tools: list[dict[str, Any]]
    tool_resources: dict[str, Any]
    metadata: dict[str, str]
    temperature: float | None
    top_p: float | None
    reasoning_effort: str | None
    response_format: str | dict[str, Any] | None


class ModifyAssistant(RequestModel):
    """What may be changed; a field that is left out stays as it is."""

    model: ModelName | None = None
    name: Name | None = None
    description: Description | None = None
    instructions: Instructions | None = None
    reasoning_effort: ReasoningEffort | None = None
    tools: Annotated[list[Tool], SmallJson] | None = Field(None, max_length=128)
    tool_resources: Annotated[ToolResources, SmallJson] | None = None
    metadata: Metadata | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    response_format: ResponseFormat | None = None


class CreateAssistant(ModifyAssistant):
    """A new assistant; `model` is the one field that it must have."""

    model: ModelName
