"""A message, finished or on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.connections.types import (
    FilePathAnnotation,
    ImageFileContentBlock,
    ImageFileDeltaBlock,
    Message,
    MessageDelta,
    TextContentBlock,
    TextDeltaBlock,
)
from app.playground import markdown
from app.playground.views.chat import FileView, ImageView, ItemView, MessageView, PartView

if TYPE_CHECKING:
    from app.playground.drafts.surroundings import Surroundings


@dataclass(slots=True)
class MessagePart:
    """One content part; text grows."""

    text: str = ""
    image_id: str = ""
    files: dict[str, str] = field(default_factory=dict)
    """The text of each `sandbox:` link in `text`, and the file it stands for."""


@dataclass(slots=True)
class MessageDraft:
    """A message, finished or on its way."""

    id: str
    role: str
    assistant_id: str | None
    run_id: str | None
    created_at: int
    is_done: bool
    parts: dict[int, MessagePart]
    attached: dict[str, str] = field(default_factory=dict)
    """Files that the assistant made, by id, with their names."""

    def extend(self, delta: MessageDelta) -> None:
        """Take the next piece of the message."""
        for block in delta.content or []:
            part = self.parts.setdefault(block.index, MessagePart())
            if isinstance(block, TextDeltaBlock) and block.text:
                part.text += block.text.value or ""
            elif isinstance(block, ImageFileDeltaBlock) and block.image_file:
                part.image_id = block.image_file.file_id or part.image_id

    def view(self, around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        return MessageView(
            id=self.id,
            role=self.role,
            author="You" if self.role == "user" else around.names.get(self.assistant_id or "", "Assistant"),
            state="done" if self.is_done else "streaming",
            time=_time_of_day(self.created_at),
            parts=tuple(
                _part_view(part, around) for _, part in sorted(self.parts.items()) if part.text or part.image_id
            ),
            files=self._files(),
        )

    def _files(self) -> tuple[FileView, ...]:
        linked = {
            file_id: PurePosixPath(link).name for part in self.parts.values() for link, file_id in part.files.items()
        }
        return tuple(FileView(file_id, name) for file_id, name in {**self.attached, **linked}.items())


def message_draft(message: Message) -> MessageDraft:
    """Make a draft of a message as the API shows it."""
    return MessageDraft(
        id=message.id,
        role=message.role,
        assistant_id=message.assistant_id,
        run_id=message.run_id,
        created_at=message.created_at,
        is_done=message.status != "in_progress",
        parts={index: _part(block) for index, block in enumerate(message.content)},
        attached=_made_files(message) if message.role == "assistant" else {},
    )


def _made_files(message: Message) -> dict[str, str]:
    """Return the message's attachments by id; other services than ours do not tell their names."""
    return {
        attachment.file_id: str((attachment.model_extra or {}).get("filename") or "Generated file")
        for attachment in message.attachments or []
        if attachment.file_id
    }


def _part(block: object) -> MessagePart:
    if isinstance(block, TextContentBlock):
        paths = (each for each in block.text.annotations if isinstance(each, FilePathAnnotation))
        return MessagePart(text=block.text.value, files={each.text: each.file_path.file_id for each in paths})
    if isinstance(block, ImageFileContentBlock):
        return MessagePart(image_id=block.image_file.file_id)
    return MessagePart()


def _part_view(part: MessagePart, around: Surroundings) -> PartView:
    if part.image_id:
        return PartView(image=ImageView(part.image_id, "Image from the assistant"))
    links = {link: around.file_url(file_id) for link, file_id in part.files.items()}
    return PartView(html=markdown.render(part.text, links))


def _time_of_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M")
