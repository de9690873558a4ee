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
from app.playground.chat.citation_marks import without_marks
from app.playground.drafts.citation import Citation, Sources, citations_of
from app.playground.files.file_uses import USE_NAMES
from app.playground.text import markdown
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
    citations: tuple[Citation, ...] = ()


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
    """Files that came with it, by id, with their names where the service tells them."""
    uses: dict[str, str] = field(default_factory=dict)
    """What the files that a user attached are for, by id."""

    def extend(self, delta: MessageDelta) -> None:
        """Take the next piece of the message."""
        for block in delta.content or []:
            part = self.parts.setdefault(block.index, MessagePart())
            if isinstance(block, TextDeltaBlock) and block.text:
                part.text += block.text.value or ""
            elif isinstance(block, ImageFileDeltaBlock) and block.image_file:
                part.image_id = block.image_file.file_id or part.image_id

    @property
    def cited(self) -> frozenset[tuple[str, str]]:
        """The passages that it cites, as pairs of step and mark."""
        return frozenset((one.step_id, one.mark) for part in self.parts.values() for one in part.citations)

    def view(self, around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        sources = Sources(
            self.id, [one for _, part in sorted(self.parts.items()) for one in part.citations], around.files
        )
        return MessageView(
            id=self.id,
            role=self.role,
            author="You" if self.role == "user" else around.names.get(self.assistant_id or "", "Assistant"),
            state="done" if self.is_done else "streaming",
            is_mocked=self.role == "assistant" and self.run_id in around.mocked_runs,
            time=_time_of_day(self.created_at),
            parts=tuple(
                self._part_view(part, around, sources)
                for _, part in sorted(self.parts.items())
                if part.text or part.image_id
            ),
            files=self._files(around),
            sources=sources.views(),
            text=self._text() if self.is_done else "",
            run_id=self.run_id or "",
            can_edit=around.can_edit,
        )

    def _text(self) -> str:
        return "\n\n".join(part.text for _, part in sorted(self.parts.items()) if part.text)

    def _files(self, around: Surroundings) -> tuple[FileView, ...]:
        linked = {
            file_id: PurePosixPath(link).name for part in self.parts.values() for link, file_id in part.files.items()
        }
        return tuple(
            FileView(file_id, name or _name_of(file_id, around), self.uses.get(file_id, ""))
            for file_id, name in {**self.attached, **linked}.items()
        )

    def _part_view(self, part: MessagePart, around: Surroundings, sources: Sources) -> PartView:
        if part.image_id:
            alternative = "Attached image" if self.role == "user" else "Image from the assistant"
            return PartView(image=ImageView(part.image_id, alternative))
        links = {link: around.file_url(file_id) for link, file_id in part.files.items()}
        text = part.text if self.is_done else without_marks(part.text)
        return PartView(html=markdown.render(text, links, sources.marks()))


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
        attached=_attached_files(message),
        uses=_uses(message) if message.role == "user" else {},
    )


def _attached_files(message: Message) -> dict[str, str]:
    """Return the message's attachments by id; names are told by our service alone, and for the assistant's files."""
    given = [attachment for attachment in message.attachments or [] if attachment.file_id]
    return {one.file_id or "": str((one.model_extra or {}).get("filename") or "") for one in given}


def _uses(message: Message) -> dict[str, str]:
    """Return what a user's attachments are for, in words."""
    return {
        attachment.file_id: ", ".join(USE_NAMES[tool.type] for tool in attachment.tools or [])
        for attachment in message.attachments or []
        if attachment.file_id
    }


def _name_of(file_id: str, around: Surroundings) -> str:
    known = around.files.get(file_id)
    return known.name if known and known.is_there else "File"


def _part(block: object) -> MessagePart:
    if isinstance(block, TextContentBlock):
        paths = (each for each in block.text.annotations if isinstance(each, FilePathAnnotation))
        files = {each.text: each.file_path.file_id for each in paths}
        return MessagePart(text=block.text.value, files=files, citations=citations_of(block.text.annotations))
    if isinstance(block, ImageFileContentBlock):
        return MessagePart(image_id=block.image_file.file_id)
    return MessagePart()


def _time_of_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M")
