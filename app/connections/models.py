"""The models or deployments of a connection: each kind of service lists them in another way, or not at all."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import openai
from openai.types import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai import AsyncOpenAI

    from app.connections.connection import Connection


async def list_models(client: AsyncOpenAI, connection: Connection) -> list[Model]:
    """Return what an assistant on the connection may name as its model."""
    if connection.deployments:
        return _named(connection.deployments, connection.name)
    if connection.kind == "foundry":
        answer: dict[str, Any] = await client.get("/deployments", cast_to=dict[str, Any])
        return _named([str(each["name"]) for each in answer.get("value", []) if "name" in each], connection.name)
    if connection.is_remote and isinstance(client, openai.AsyncAzureOpenAI):
        with suppress(openai.NotFoundError):  # Newer versions of Azure list deployments only in its resource manager.
            deployments: dict[str, Any] = await client.get("/deployments", cast_to=dict[str, Any])
            return _named([str(each["id"]) for each in deployments.get("data", []) if "id" in each], connection.name)
    return [model async for model in client.models.list()]


def _named(names: Sequence[str], owner: str) -> list[Model]:
    return [Model(id=name, object="model", created=0, owned_by=owner) for name in names]
