"""The deployments on offer, by provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.connections.types import Model
    from app.playground.facts import ServerFacts


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model that can be chosen; `note` says what its name does not."""

    id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentGroup:
    """The deployments of one provider."""

    label: str
    options: tuple[Deployment, ...]


def deployment_groups(models: Sequence[Model], facts: ServerFacts) -> tuple[DeploymentGroup, ...]:
    """Return the models on offer by provider, and the built-in one where it is on its way."""
    groups: dict[str, list[Deployment]] = {}
    if is_coming(models, facts) and facts.builtin_model:
        groups["Built in"] = [Deployment(facts.builtin_model, "small demo model, not here yet")]
    for model in models:
        is_builtin = model.id == facts.builtin_model
        option = Deployment(model.id, "small demo model" if is_builtin else "")
        groups.setdefault("Built in" if is_builtin else model.owned_by, []).append(option)
    return tuple(DeploymentGroup(label, tuple(options)) for label, options in groups.items())


def default_deployment(models: Sequence[Model], facts: ServerFacts) -> str:
    """Return the deployment of a new assistant: the server's choice, else the first, else the one that is coming."""
    coming = facts.builtin_model if is_coming(models, facts) else None
    return facts.default_model or next((model.id for model in models), None) or coming or ""


def is_coming(models: Sequence[Model], facts: ServerFacts) -> bool:
    """Tell whether the built-in model will be on offer once its weights are here."""
    is_expected = facts.weights.state in {"absent", "fetching"}
    return is_expected and all(model.id != facts.builtin_model for model in models)


def deployment_hint(models: Sequence[Model], facts: ServerFacts, chosen: str) -> str:
    """Return what to know of the chosen deployment, or how to get a better one."""
    connect = "set OPENAI_API_KEY or AZURE_OPENAI_ENDPOINT, or start Ollama, and start the server again."
    if not models and not is_coming(models, facts):
        return f"No model is configured. To connect one, {connect}"
    known = {model.id for model in models} | ({facts.builtin_model} if is_coming(models, facts) else set())
    if chosen and chosen not in known:
        return "Not offered here: another model answers in its place."
    if all(model.id == facts.builtin_model for model in models):
        return f"A small demo model that runs on this machine. To connect a better one, {connect}"
    return ""
