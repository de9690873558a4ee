"""Messages and code steps as they grow: made from the API's objects, extended by stream deltas, shown as views."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.connections.types import (
    CodeInterpreterOutputImage,
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    FilePathAnnotation,
    ImageFileContentBlock,
    ImageFileDeltaBlock,
    Message,
    MessageDelta,
    RunStep,
    RunStepDelta,
    TextContentBlock,
    TextDeltaBlock,
    ToolCallDeltaObject,
    ToolCallsStepDetails,
)
from app.playground import markdown
from app.playground.views.chat import (
    CallView,
    CodeView,
    FileView,
    ImageView,
    ItemView,
    MessageView,
    NoticeView,
    OutputView,
    PartView,
)

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft needs to know to be shown: assistants' names, and the address of a file."""

    names: Mapping[str, str]
    file_url: Callable[[str], str]


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


@dataclass(slots=True)
class Call:
    """One call of the code interpreter."""

    code: str = ""
    logs: dict[int, str] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)

    def view(self) -> CallView:
        """Return what the page shows of it."""
        texts = {index: OutputView(text=text) for index, text in self.logs.items() if text}
        images = {
            index: OutputView(image=ImageView(file_id, "Figure drawn by the code"))
            for index, file_id in self.images.items()
        }
        outputs = sorted({**texts, **images}.items())
        return CallView(highlighted(self.code), tuple(output for _, output in outputs))


@dataclass(slots=True)
class StepDraft:
    """A step of code interpreter calls, finished or on its way."""

    id: str
    run_id: str
    created_at: int
    status: str
    ended_at: int | None
    calls: dict[int, Call]

    def extend(self, delta: RunStepDelta) -> bool:
        """Take the next piece of code or output, and tell whether there was any."""
        if not isinstance(delta.step_details, ToolCallDeltaObject):
            return False
        for call in delta.step_details.tool_calls or []:
            if isinstance(call, CodeInterpreterToolCallDelta) and call.code_interpreter:
                self._extend_call(self.calls.setdefault(call.index, Call()), call)
        return bool(self.calls)

    def view(self, _around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        is_running = self.status == "in_progress"
        return CodeView(
            id=self.id,
            title="Running Python" if is_running else "Ran Python",
            state="running" if is_running else "done" if self.status == "completed" else "failed",
            seconds=_seconds(self.created_at, self.ended_at),
            calls=tuple(call.view() for _, call in sorted(self.calls.items())),
        )

    @staticmethod
    def _extend_call(draft: Call, delta: CodeInterpreterToolCallDelta) -> None:
        interpreter = delta.code_interpreter
        if interpreter is None:
            return
        draft.code += interpreter.input or ""
        for output in interpreter.outputs or []:
            if isinstance(output, CodeInterpreterOutputImage):
                draft.images[output.index] = (output.image and output.image.file_id) or ""
            else:
                draft.logs[output.index] = draft.logs.get(output.index, "") + (output.logs or "")


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about a run."""

    shown: NoticeView
    run_id: str | None = None

    @property
    def id(self) -> str:
        """The id of the element."""
        return self.shown.id

    def view(self, _around: Surroundings) -> ItemView:
        """Return what the page shows of it."""
        return self.shown


Draft = MessageDraft | StepDraft | Notice


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


def step_draft(step: RunStep) -> StepDraft:
    """Make a draft of a step as the API shows it."""
    details = step.step_details
    calls = details.tool_calls if isinstance(details, ToolCallsStepDetails) else []
    return StepDraft(
        id=step.id,
        run_id=step.run_id,
        created_at=step.created_at,
        status=step.status,
        ended_at=step.completed_at or step.failed_at or step.cancelled_at,
        calls={index: _call(call) for index, call in enumerate(calls) if isinstance(call, CodeInterpreterToolCall)},
    )


def is_code_step(step: RunStep) -> bool:
    """Tell whether the step runs code."""
    details = step.step_details
    if not isinstance(details, ToolCallsStepDetails):
        return False
    return any(isinstance(call, CodeInterpreterToolCall) for call in details.tool_calls or [])


def highlighted(code: str) -> Markup:
    """Return Python code in colours."""
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", code))])
    return markdown.render(f"{fence}python\n{code}\n{fence}")


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


def _call(call: CodeInterpreterToolCall) -> Call:
    draft = Call(code=call.code_interpreter.input)
    for index, output in enumerate(call.code_interpreter.outputs):
        if output.type == "image":
            draft.images[index] = output.image.file_id
        else:
            draft.logs[index] = output.logs
    return draft


def _seconds(began_at: int, ended_at: int | None) -> str:
    if ended_at is None:
        return ""
    return f"{ended_at - began_at} s" if ended_at > began_at else "under 1 s"


def _time_of_day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M")
