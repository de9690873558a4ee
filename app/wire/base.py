"""What all wire objects share: how they are read, how they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=512)],
    ],
    Field(max_length=16),
]
"""Up to 16 pairs; keys up to 64 characters, values up to 512 (specification: Metadata)."""


class RequestModel(BaseModel):
    """A request body: unknown fields are refused, as the hosted services do."""

    model_config = ConfigDict(extra="forbid")


class WireModel(BaseModel):
    """An object that the API returns."""

    model_config = ConfigDict(extra="ignore")


class Deleted(WireModel):
    """The answer to a delete."""

    id: str
    object: Literal[
        "assistant.deleted",
        "thread.deleted",
        "thread.message.deleted",
        "file",
        "vector_store.deleted",
        "vector_store.file.deleted",
    ]
    deleted: bool = True
