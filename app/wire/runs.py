"""Runs on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from app.wire.assistants import Instructions
from app.wire.base import Metadata, ModelName, RequestModel, SmallJson, WireModel
from app.wire.messages import CreateMessage
from app.wire.pages import Listed
from app.wire.threads import MOST_FIRST_MESSAGES, CreateThread
from app.wire.tools import ReasoningEffort, ResponseFormat, Tool, ToolChoice, ToolResources

LARGEST_NUMBER = 2**31 - 1
"""The largest number that the store's columns hold on every database."""


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    REQUIRES_ACTION = "requires_action"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    EXPIRED = "expired"


class Usage(WireModel):
    """Tokens that a run or a step took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Run(Listed):
    """One activation of an assistant on a thread.

    `answered_by` is an extension: the model that really answered, which is another one than `model` when no provider
    offers that name.
    """

    object: Literal["thread.run"] = "thread.run"
    created_at: int
    thread_id: str
    assistant_id: str
    status: RunStatus
    required_action: dict[str, Any] | None
    last_error: dict[str, str] | None
    expires_at: int | None
    started_at: int | None
    cancelled_at: int | None
    failed_at: int | None
    completed_at: int | None
    incomplete_details: dict[str, str] | None
    model: str
    instructions: str
    tools: list[dict[str, Any]]
    metadata: dict[str, str]
    usage: Usage | None
    temperature: float | None
    top_p: float | None
    max_prompt_tokens: int | None
    max_completion_tokens: int | None
    truncation_strategy: dict[str, Any]
    tool_choice: str | dict[str, Any]
    parallel_tool_calls: bool
    response_format: str | dict[str, Any]
    reasoning_effort: str | None
    answered_by: str | None


class TruncationStrategy(RequestModel):
    """How a long history is cut."""

    type: Literal["auto", "last_messages"]
    last_messages: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


class RunOptions(RequestModel):
    """What both ways of creating a run share."""

    assistant_id: str
    model: ModelName | None = None
    reasoning_effort: ReasoningEffort | None = None
    instructions: Instructions | None = None
    tools: Annotated[list[Tool], SmallJson] | None = Field(None, max_length=20)
    metadata: Metadata | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    stream: bool | None = None
    max_prompt_tokens: int | None = Field(None, ge=256, le=LARGEST_NUMBER)
    max_completion_tokens: int | None = Field(None, ge=256, le=LARGEST_NUMBER)
    truncation_strategy: TruncationStrategy | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None


class CreateRun(RunOptions):
    """A run on an existing thread."""

    additional_instructions: Instructions | None = None
    additional_messages: list[CreateMessage] | None = Field(None, max_length=MOST_FIRST_MESSAGES)


class CreateThreadAndRun(RunOptions):
    """A thread and a run on it."""

    thread: CreateThread | None = None
    tool_resources: Annotated[ToolResources, SmallJson] | None = None


class ModifyRun(RequestModel):
    """What may be changed on a run."""

    metadata: Metadata | None = None


class ToolOutput(RequestModel):
    """The output of one function call."""

    tool_call_id: str
    output: str = ""


class SubmitToolOutputs(RequestModel):
    """The outputs of all calls that a run waits for."""

    tool_outputs: list[ToolOutput]
    stream: bool | None = None
