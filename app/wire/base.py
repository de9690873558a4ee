"""What all wire objects share: how they are read, how they are written."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError, to_json

T = TypeVar("T")

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64)],
        Annotated[str, StringConstraints(max_length=512)],
    ],
    Field(max_length=16),
]
"""Up to 16 pairs; keys up to 64 characters, values up to 512 (specification: Metadata)."""


LARGEST_JSON_BYTES: Final = 1024 * 1024
ModelName = Annotated[str, StringConstraints(max_length=512)]


def _require_small(value: T) -> T:
    if len(to_json(value)) > LARGEST_JSON_BYTES:
        limit = LARGEST_JSON_BYTES // 1024 // 1024
        message = f"its JSON is larger than {limit} MB. Shorten its descriptions and schemas, or use fewer of them"
        raise PydanticCustomError("json_too_large", message)
    return value


SmallJson = AfterValidator(_require_small)
"""Refuses what would be stored with an object, and read with every list of them, in more than a megabyte."""


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
