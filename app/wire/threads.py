"""Threads on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.wire.base import Metadata, RequestModel, SmallJson, WireModel
from app.wire.messages import CreateMessage
from app.wire.tools import ToolResources


class Thread(WireModel):
    """A conversation."""

    id: str
    object: Literal["thread"] = "thread"
    created_at: int
    tool_resources: dict[str, Any]
    metadata: dict[str, str]


MOST_FIRST_MESSAGES = 1_000
"""They are stored in one unit of work, for which everybody else waits."""


class CreateThread(RequestModel):
    """A new thread, with its first messages if any."""

    messages: list[CreateMessage] | None = Field(None, max_length=MOST_FIRST_MESSAGES)
    tool_resources: Annotated[ToolResources, SmallJson] | None = None
    metadata: Metadata | None = None


class ModifyThread(RequestModel):
    """What may be changed on a thread."""

    tool_resources: Annotated[ToolResources, SmallJson] | None = None
    metadata: Metadata | None = None


class ForkThread(RequestModel):
    """Which part of a thread to copy into a new one, which is an extension; everything without `message_id`."""

    message_id: str | None = None
    metadata: Metadata | None = None
