"""The resource that a chat session is connected to: what the setup pane says of it, and which models it offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.connections.connection import KIND_LABELS
from app.connections.models import list_models
from app.errors import AppError
from app.playground.facts import SandboxFacts, ServerFacts, WeightsFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.connections.types import Model
    from app.playground.playground import Playground
    from app.playground.session import Session

REMOTE_SANDBOX: Final = "The assistant may write and run Python, on the connected resource."
_ELSEWHERE: Final = ServerFacts(SandboxFacts("remote"), WeightsFacts("off"))


@dataclass(frozen=True, slots=True)
class ResourceChoice:
    """A connection in the menu."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ResourceView:
    """The connected resource, and those that could be instead."""

    name: str
    choices: tuple[ResourceChoice, ...]


def resource_view(playground: Playground, session: Session) -> ResourceView:
    """Return what the setup pane shows."""
    choices = tuple(ResourceChoice(each.name, KIND_LABELS[each.kind]) for each in playground.services.connections.all)
    return ResourceView(session.connection.name, choices)


def server_facts(playground: Playground, session: Session) -> ServerFacts:
    """Return the facts of the server that carries out the session's runs; of a remote one nothing is known."""
    return _ELSEWHERE if session.connection.is_remote else playground.services.facts()


async def models_of(session: Session) -> list[Model]:
    """Return the models that the connected resource offers; a remote one may list none, its names can be written."""
    try:
        with session.calls():
            return await list_models(session.client, session.connection)
    except AppError:
        if session.connection.is_remote:
            return []
        raise


def remote_deployment_hint(models: Sequence[Model], host: str, chosen: str) -> str:
    """Return what to know of the deployment on another service."""
    if not models:
        return f"{host} does not list its deployments. Write the name of one."
    if chosen and all(model.id != chosen for model in models):
        return f"{host} does not list this deployment."
    return ""
