"""What the sheet shows of a connection: never its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.connections.connection import KIND_LABELS

if TYPE_CHECKING:
    from app.connections.connection import Connection


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A row of the list."""

    name: str
    kind: str
    host: str
    access: str
    deployments: str
    is_current: bool
    is_remote: bool
    is_fixed: bool
    needs_deployments: bool
    """Whether the engine can use its models only by names that somebody writes."""
    has_models: bool


def connection_view(connection: Connection, current: str) -> ConnectionView:
    """Return the row."""
    return ConnectionView(
        name=connection.name,
        kind=KIND_LABELS[connection.kind],
        host=connection.host if connection.is_remote else "",
        access=_access(connection),
        deployments=", ".join(connection.deployments),
        is_current=connection.name == current,
        is_remote=connection.is_remote,
        is_fixed=connection.is_fixed,
        needs_deployments=connection.kind == "azure" and not connection.deployments,
        has_models=connection.kind in {"azure", "openai", "compatible"},
    )


def _access(connection: Connection) -> str:
    if not connection.is_remote:
        return ""
    if connection.uses_entra:
        return "Entra ID" if connection.cloud == "public" else f"Entra ID ({connection.cloud})"
    return "with a key" if connection.api_key else "without a key"
