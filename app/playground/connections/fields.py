"""The form of a new connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Depends, Form
from pydantic import BaseModel

from app.connections.connection import OPENAI_URL, Cloud, Connection

if TYPE_CHECKING:
    from app.connections.connection import Kind

RemoteKind = Literal["azure", "openai", "foundry", "compatible"]


class ConnectionFields(BaseModel):
    """What an owner typed; the key is not among what is shown again."""

    name: str = ""
    kind: RemoteKind = "azure"
    base_url: str = ""
    api_version: str = ""
    api_key: str = ""
    organization: str = ""
    project: str = ""
    cloud: Cloud = "public"
    client_id: str = ""
    deployments: str = ""

    def connection(self) -> Connection:
        """Return the connection that the fields describe; it is not checked yet."""
        kind: Kind = self.kind
        base_url = self.base_url.strip() or (OPENAI_URL if kind == "openai" else "")
        is_openai = kind in {"openai", "compatible"}
        return Connection(
            " ".join(self.name.split()),
            kind,
            base_url,
            api_version=self.api_version.strip() or None,
            api_key=self.api_key.strip() or None,
            organization=(self.organization.strip() or None) if is_openai else None,
            project=(self.project.strip() or None) if is_openai else None,
            cloud=self.cloud,
            client_id=self.client_id.strip() or None,
            deployments=tuple(part.strip() for part in self.deployments.split(",") if part.strip()),
        )


def read_fields(
    name: Annotated[str, Form(max_length=500)] = "",
    kind: Annotated[RemoteKind, Form()] = "azure",
    base_url: Annotated[str, Form(max_length=2000)] = "",
    api_version: Annotated[str, Form(max_length=100)] = "",
    api_key: Annotated[str, Form(max_length=10_000)] = "",
    organization: Annotated[str, Form(max_length=200)] = "",
    project: Annotated[str, Form(max_length=200)] = "",
    cloud: Annotated[Cloud, Form()] = "public",
    client_id: Annotated[str, Form(max_length=200)] = "",
    deployments: Annotated[str, Form(max_length=2000)] = "",
) -> ConnectionFields:
    """Return what was typed."""
    return ConnectionFields(
        name=name,
        kind=kind,
        base_url=base_url,
        api_version=api_version,
        api_key=api_key,
        organization=organization,
        project=project,
        cloud=cloud,
        client_id=client_id,
        deployments=deployments,
    )


FieldsDep = Annotated[ConnectionFields, Depends(read_fields)]
