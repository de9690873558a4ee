"""Tools, what they may use, and how they are chosen."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.wire.base import Metadata, RequestModel, SmallJson
from app.wire.vector_stores import ChunkingStrategy

FunctionName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class CodeInterpreterTool(RequestModel):
    """Lets the assistant write and run Python."""

    type: Literal["code_interpreter"]


class RankingOptions(RequestModel):
    """How search results are ranked."""

    ranker: Literal["auto", "default_2024_08_21"] = "auto"
    score_threshold: float = Field(ge=0, le=1)


class FileSearchOptions(RequestModel):
    """Limits of one search."""

    max_num_results: int | None = Field(None, ge=1, le=50)
    ranking_options: RankingOptions | None = None


class FileSearchTool(RequestModel):
    """Lets the assistant search the attached vector store."""

    type: Literal["file_search"]
    file_search: FileSearchOptions | None = None


class FunctionDefinition(RequestModel):
    """A function that the caller runs."""

    name: FunctionName
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionTool(RequestModel):
    """Lets the assistant ask the caller to run a function."""

    type: Literal["function"]
    function: FunctionDefinition


Tool = Annotated[CodeInterpreterTool | FileSearchTool | FunctionTool, Field(discriminator="type")]


class CodeInterpreterResources(RequestModel):
    """Files that lie in the code interpreter's folder."""

    file_ids: list[str] = Field(default_factory=list, max_length=20)


class NewVectorStore(RequestModel):
    """A vector store to create together with its owner."""

    file_ids: list[str] = Field(default_factory=list, max_length=10_000)
    chunking_strategy: ChunkingStrategy | None = None
    metadata: Metadata | None = None


class FileSearchResources(RequestModel):
    """The vector store to search."""

    vector_store_ids: list[str] = Field(default_factory=list, max_length=1)
    vector_stores: list[NewVectorStore] | None = Field(None, max_length=1)


class ToolResources(RequestModel):
    """What the tools of an assistant or a thread may use."""

    code_interpreter: CodeInterpreterResources | None = None
    file_search: FileSearchResources | None = None


class NamedFunction(RequestModel):
    """A function, by name."""

    name: FunctionName


class NamedToolChoice(RequestModel):
    """One tool that must be called."""

    type: Literal["function", "code_interpreter", "file_search"]
    function: NamedFunction | None = None


ToolChoice = Literal["none", "auto", "required"] | NamedToolChoice


class TextFormat(RequestModel):
    """Plain text."""

    type: Literal["text"]


class JsonObjectFormat(RequestModel):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchemaDefinition(RequestModel):
    """A schema that the answer follows."""

    name: FunctionName
    description: str | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(RequestModel):
    """JSON that follows a schema."""

    type: Literal["json_schema"]
    json_schema: Annotated[JsonSchemaDefinition, SmallJson]


ResponseFormat = (
    Literal["auto", "none"] | Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]
)
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
