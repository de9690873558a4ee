"""The chat pane's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from app.playground.views.calls import FunctionCallView, OutputsView, RunEndView
from app.playground.views.search import SearchCallView

if TYPE_CHECKING:
    from markupsafe import Markup

    from app.playground.chat.conversation import Mark
    from app.playground.chat.costs import Cost
    from app.playground.chat.starters import Starter
    from app.playground.views.lock import LockView

Tone = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class ImageView:
    """An image file."""

    id: str
    alt: str


@dataclass(frozen=True, slots=True)
class FileView:
    """A file to download."""

    id: str
    name: str
    note: str = ""
    """What it was attached for."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A passage that a message cites; without a step only its file is known."""

    id: str
    number: int
    label: str
    file_id: str
    run_id: str
    step_id: str
    mark: str


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of a message: text or an image."""

    html: Markup | None = None
    image: ImageView | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message."""

    id: str
    role: str
    author: str
    state: Literal["streaming", "done"]
    time: str
    parts: tuple[PartView, ...]
    files: tuple[FileView, ...]
    is_mocked: bool = False
    sources: tuple[SourceView, ...] = ()
    text: str = ""
    """What it says, as Markdown, to be copied."""
    run_id: str = ""
    can_edit: bool = True
    """Whether the service lets a user's message be changed."""
    template: str = "parts/chat/message.html"


@dataclass(frozen=True, slots=True)
class OutputView:
    """What a piece of code put out: text or an image."""

    text: str = ""
    image: ImageView | None = None


@dataclass(frozen=True, slots=True)
class CodeCallView:
    """A piece of code that ran, with what it put out."""

    code: Markup
    outputs: tuple[OutputView, ...]
    running_title: str = "Running Python"
    title: str = "Ran Python"
    template: str = "parts/chat/code_call.html"


CallView = CodeCallView | SearchCallView | FunctionCallView
"""A tool call; the first one's titles name its step."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step in which the assistant called tools."""

    id: str
    state: Literal["running", "done", "failed"]
    seconds: str
    calls: tuple[CallView, ...]
    template: str = "parts/chat/step.html"

    @property
    def title(self) -> str:
        """What the assistant does, or did."""
        first = self.calls[0]
        return first.running_title if self.state == "running" else first.title


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A sentence in the conversation that nobody in it said."""

    id: str
    title: str
    text: str = ""
    next_step: str = ""
    tone: Tone = "bad"
    icon: str = "circle-alert"
    can_retry: bool = False
    template: str = "parts/chat/notice.html"


ItemView = MessageView | StepView | NoticeView | OutputsView | RunEndView


@dataclass(frozen=True, slots=True)
class RunView:
    """The state of the newest run."""

    status: str = "none"
    label: str = ""
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class ChatView:
    """The whole pane."""

    thread_id: str
    items: tuple[ItemView, ...]
    run: RunView
    tokens: int
    cost: Cost
    lock: LockView | None = None
    assistant_name: str = ""
    starters: tuple[Starter, ...] = field(default=())
    draft: str = ""
    role: Literal["user", "assistant"] = "user"
    """Who says the next message."""
    older: Mark | None = None
    """Where the messages begin that are not shown yet."""
    run_options: tuple[str, ...] = ()
    """What overrides the assistant in the next runs, in words."""
