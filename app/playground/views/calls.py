"""What the chat pane shows of function calls, and of what a run used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.playground.text.shown_json import formatted, mistake

if TYPE_CHECKING:
    from markupsafe import Markup

CallState = Literal["writing", "waiting", "done", "unanswered"]


@dataclass(frozen=True, slots=True)
class OutputFieldView:
    """The field that takes a call's output, with what is to be said about the text in it."""

    call_id: str
    function: str
    form_id: str
    text: str
    is_mock: bool = False

    @property
    def mistake(self) -> str:
        """Where the text stops being JSON, if it is none."""
        return mistake(self.text) if self.text.strip() else ""

    @property
    def can_be_formatted(self) -> bool:
        """Whether formatting would change anything."""
        return formatted(self.text) != self.text


@dataclass(frozen=True, slots=True)
class FunctionCallView:
    """A call of a function: what it was given, and what came back."""

    id: str
    name: str
    arguments: Markup
    state: CallState
    output: Markup | None = None
    is_mocked: bool = False
    unsent: Markup | None = None
    """What was typed, but never submitted."""
    field: OutputFieldView | None = None
    template: str = "parts/chat/function_call.html"

    @property
    def running_title(self) -> str:
        """What the assistant does."""
        return f"Calling {self.name}"

    @property
    def title(self) -> str:
        """What the assistant did."""
        return f"Called {self.name}"


@dataclass(frozen=True, slots=True)
class OutputsView:
    """The form that submits the outputs of all calls that a run waits for; its fields stand at the calls."""

    id: str
    run_id: str
    functions: tuple[str, ...]
    count: int
    """How many calls there are."""
    expires_at: int | None
    left: str
    """The time until it expires, as minutes and seconds."""
    template: str = "parts/chat/outputs.html"


@dataclass(frozen=True, slots=True)
class RunEndView:
    """The line below a run: what it used."""

    id: str
    prompt_tokens: int
    completion_tokens: int
    seconds: str
    cost: str
    model: str
    template: str = "parts/chat/run_end.html"
