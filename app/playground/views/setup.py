"""The setup pane's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.playground.setup.assistant_form import RESPONSE_FORMATS, AssistantFields
from app.playground.views.functions import FunctionRow, function_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.connections.types import Assistant
    from app.errors import AppError
    from app.playground.facts import SandboxFacts
    from app.playground.views.deployments import DeploymentGroup

REASONING_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
LONGEST_INSTRUCTIONS: Final = 256_000
_SETTINGS: Final = ("temperature", "top_p", "response_format", "response_schema", "reasoning_effort", "metadata")
_FIELD_OF_PARAM: Final = {
    "model": "deployment",
    "tools": "functions",
    "tool_resources.code_interpreter": "code_files",
    "tool_resources.file_search": "file_search",
    "response_format.json_schema": "response_schema",
    **{name: name for name in ("name", "description", "instructions", *_SETTINGS)},
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An assistant in the list of assistants."""

    id: str
    label: str
    detail: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SetupView:
    """The whole pane."""

    fields: AssistantFields
    deployment_groups: tuple[DeploymentGroup, ...]
    deployment_hint: str
    saved_at: str = ""
    notes: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    stamp: str = ""
    longest_instructions: int = LONGEST_INSTRUCTIONS

    @property
    def is_new(self) -> bool:
        """Whether the assistant is not created yet."""
        return not self.fields.assistant_id

    @property
    def title(self) -> str:
        """What the assistant goes by."""
        if self.is_new:
            return "New assistant"
        return self.fields.name.strip() or self.fields.assistant_id

    @property
    def functions(self) -> tuple[FunctionRow, ...]:
        """The functions as rows."""
        return function_rows(self.fields.function)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The pairs of metadata."""
        return self.fields.pairs

    @property
    def response_formats(self) -> Mapping[str, str]:
        """The formats to choose from; one that only the service knows is among them."""
        chosen = self.fields.response_format
        return RESPONSE_FORMATS if chosen in RESPONSE_FORMATS else {**RESPONSE_FORMATS, chosen: chosen}

    @property
    def reasoning_efforts(self) -> tuple[str, ...]:
        """The efforts to choose from; one that only the service knows is among them."""
        chosen = self.fields.reasoning_effort
        is_known = chosen in {"", *REASONING_EFFORTS}
        return REASONING_EFFORTS if is_known else (*REASONING_EFFORTS, chosen)

    @property
    def settings_summary(self) -> str:
        """What of the model settings differs from the defaults."""
        return settings_summary(self.fields)

    @property
    def has_settings_error(self) -> bool:
        """Whether a field inside the fold of model settings was refused."""
        return any(name in self.errors for name in _SETTINGS)


def settings_summary(fields: AssistantFields) -> str:
    """Return what differs from the defaults, in a few words."""
    count = sum(1 for key, _value in fields.pairs if key)
    facts = [
        fields.temperature not in {"", "1"} and f"temperature {fields.temperature}",
        fields.top_p not in {"", "1"} and f"top P {fields.top_p}",
        fields.response_format != "auto" and fields.response_format.replace("json_", "JSON "),
        fields.reasoning_effort and f"{fields.reasoning_effort} effort",
        count and f"{count} metadata pair{'' if count == 1 else 's'}",
    ]
    return " · ".join(fact for fact in facts if fact) or "All at their defaults"


def assistant_choices(assistants: Iterable[Assistant], chosen: str | None) -> tuple[Choice, ...]:
    """Return the choices of assistants; one without a name goes by its id."""
    return tuple(
        Choice(assistant.id, (assistant.name or "").strip() or assistant.id, assistant.model, assistant.id == chosen)
        for assistant in assistants
    )


def error_field(error: AppError, fields: AssistantFields) -> str:
    """Return the field that a refusal of the API is about, or `general`."""
    if fields.vector_store_id and fields.vector_store_id in error.message:
        return "file_search"
    if any(file_id in error.message for file_id in fields.code_file_ids if file_id):
        return "code_files"
    path = (error.param or "").replace("[", ".")
    known = [param for param in _FIELD_OF_PARAM if f"{path}.".startswith(f"{param}.")]
    return _FIELD_OF_PARAM[max(known, key=len)] if known else "general"


def is_confined(facts: SandboxFacts) -> bool:
    """Return whether nothing is to be feared from code, as far as anybody knows."""
    return not facts.is_tried or facts.tier not in {None, "unsafe"}


def sandbox_hint(facts: SandboxFacts) -> str:
    """Return where code runs, or why it does not."""
    if not facts.is_tried:
        return "The assistant may write and run Python. Where, is being tried; that takes some seconds."
    if facts.tier is None:
        return f"Not available on this machine: {facts.reason}"
    if facts.tier == "unsafe":
        return "The assistant may write and run Python. Nothing confines it: it can do here whatever the server can."
    return "The assistant may write and run Python, shut off from the network and from this server's own files."
