"""Messages on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.wire.base import Metadata, RequestModel, SmallJson
from app.wire.pages import Listed

MessageText = Annotated[str, StringConstraints(min_length=1, max_length=256_000)]
MessageStatus = Literal["in_progress", "incomplete", "completed"]


class Message(Listed):
    """One message of a thread; `content` holds the parts as the specification shapes them."""

    object: Literal["thread.message"] = "thread.message"
    created_at: int
    thread_id: str
    status: MessageStatus
    incomplete_details: dict[str, str] | None
    completed_at: int | None
    incomplete_at: int | None
    role: Literal["user", "assistant"]
    content: list[dict[str, Any]]
    assistant_id: str | None
    run_id: str | None
    attachments: list[dict[str, Any]]
    metadata: dict[str, str]


class TextInput(RequestModel):
    """A part of plain text."""

    type: Literal["text"]
    text: MessageText


class ImageFile(RequestModel):
    """An uploaded image."""

    file_id: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageFileInput(RequestModel):
    """A part that shows an uploaded image."""

    type: Literal["image_file"]
    image_file: ImageFile


class ImageUrl(RequestModel):
    """An image on the web."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageUrlInput(RequestModel):
    """A part that shows an image on the web."""

    type: Literal["image_url"]
    image_url: ImageUrl


ContentInput = Annotated[TextInput | ImageFileInput | ImageUrlInput, Field(discriminator="type")]


MessageContent = MessageText | Annotated[list[ContentInput], Field(min_length=1)]


class AttachmentTool(RequestModel):
    """The tool that an attached file is for."""

    type: Literal["code_interpreter", "file_search"]


class Attachment(RequestModel):
    """A file that comes with a message; `filename` may come back from an answer of ours and is not kept."""

    file_id: str
    tools: list[AttachmentTool] | None = None
    filename: str | None = Field(None, exclude=True)


class CreateMessage(RequestModel):
    """A new message; plain text stands for one text part."""

    role: Literal["user", "assistant"]
    content: MessageContent
    attachments: Annotated[list[Attachment], SmallJson] | None = None
    metadata: Metadata | None = None


class ModifyMessage(RequestModel):
    """What may be changed on a message; `content`, for users' messages, is an extension."""

    metadata: Metadata | None = None
    content: MessageContent | None = None
