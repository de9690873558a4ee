"""The setup pane's values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.connections.types import Assistant, Model
    from app.playground.facts import SandboxFacts, ServerFacts


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in a drop-down."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class DeploymentGroup:
    """The deployments of one provider."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class AssistantFields:
    """What a person types in."""

    assistant_id: str = ""
    name: str = ""
    instructions: str = ""
    deployment: str = ""
    code_interpreter: bool = True


@dataclass(frozen=True, slots=True)
class SetupView:
    """The whole pane."""

    assistants: tuple[Option, ...]
    fields: AssistantFields
    deployment_groups: tuple[DeploymentGroup, ...]
    deployment_hint: str
    sandbox_hint: str
    has_sandbox: bool = True
    saved_at: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the assistant is not created yet."""
        return not self.fields.assistant_id

    @property
    def is_refused(self) -> bool:
        """Whether saving failed, so that what is shown is not what is stored."""
        return bool(self.errors)


def assistant_fields(assistant: Assistant) -> AssistantFields:
    """Return an assistant as the form shows it."""
    return AssistantFields(
        assistant_id=assistant.id,
        name=assistant.name or "",
        instructions=assistant.instructions or "",
        deployment=assistant.model,
        code_interpreter=any(tool.type == "code_interpreter" for tool in assistant.tools),
    )


def assistant_options(assistants: Iterable[Assistant]) -> tuple[Option, ...]:
    """Return the choices of assistants; one without a name goes by its id."""
    return tuple(Option(assistant.id, assistant.name or assistant.id) for assistant in assistants)


def deployment_groups(models: Sequence[Model], facts: ServerFacts, chosen: str) -> tuple[DeploymentGroup, ...]:
    """Return the models on offer by provider; a chosen one that nobody offers stands first, and says so."""
    groups: dict[str, list[Option]] = {}
    known = {model.id for model in models} | ({facts.builtin_model} if is_coming(models, facts) else set())
    if chosen and chosen not in known:
        groups["Not offered here"] = [Option(chosen, f"{chosen} (another model answers)")]
    if is_coming(models, facts) and facts.builtin_model:
        groups["Built in"] = [Option(facts.builtin_model, f"Small demo model, not here yet: {facts.builtin_model}")]
    for model in models:
        is_builtin = model.id == facts.builtin_model
        label = f"Small demo model: {model.id}" if is_builtin else model.id
        groups.setdefault("Built in" if is_builtin else model.owned_by, []).append(Option(model.id, label))
    return tuple(DeploymentGroup(label, tuple(options)) for label, options in groups.items())


def default_deployment(models: Sequence[Model], facts: ServerFacts) -> str:
    """Return the deployment of a new assistant: the server's choice, else the first, else the one that is coming."""
    coming = facts.builtin_model if is_coming(models, facts) else None
    return facts.default_model or next((model.id for model in models), None) or coming or ""


def is_coming(models: Sequence[Model], facts: ServerFacts) -> bool:
    """Tell whether the built-in model will be on offer once its weights are here."""
    is_expected = facts.weights.state in {"absent", "fetching"}
    return is_expected and all(model.id != facts.builtin_model for model in models)


def deployment_hint(models: Sequence[Model], facts: ServerFacts) -> str:
    """Return how to get a better model where only the built-in one, or none, is there."""
    connect = "set OPENAI_API_KEY or AZURE_OPENAI_ENDPOINT, or start Ollama, and start the server again."
    if not models:
        return f"No model is configured. To connect one, {connect}"
    if all(model.id == facts.builtin_model for model in models):
        return f"A small demo model that runs on this machine. To connect a better one, {connect}"
    return ""


def sandbox_hint(facts: SandboxFacts) -> str:
    """Return where code runs, or why it does not."""
    if facts.tier is None:
        return f"Not available on this machine: {facts.reason}"
    return f"The assistant may write and run Python. It runs in a sandbox ({facts.tier})."
