"""Vector stores, their files and batches, and searches on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.wire.base import Metadata, RequestModel, WireModel
from app.wire.pages import Listed

StoreFileStatus = Literal["in_progress", "completed", "cancelled", "failed"]
AttributeText = Annotated[str, StringConstraints(max_length=512)]
Attributes = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], bool | int | float | AttributeText], Field(max_length=16)
]


class ExpiresAfter(RequestModel):
    """When an unused store expires."""

    anchor: Literal["last_active_at"]
    days: int = Field(ge=1, le=365)


class StaticChunks(RequestModel):
    """How long chunks are, and how much of one the next repeats."""

    max_chunk_size_tokens: int = Field(ge=100, le=4096)
    chunk_overlap_tokens: int = Field(ge=0)

    @model_validator(mode="after")
    def _check_overlap(self) -> StaticChunks:
        if self.chunk_overlap_tokens * 2 > self.max_chunk_size_tokens:
            raise PydanticCustomError(
                "overlap_too_long", "chunk_overlap_tokens must be at most half of max_chunk_size_tokens."
            )
        return self


class AutoChunking(RequestModel):
    """Chunks of 800 tokens that overlap by 400."""

    type: Literal["auto"]


class StaticChunking(RequestModel):
    """Chunks of a given length."""

    type: Literal["static"]
    static: StaticChunks


ChunkingStrategy = Annotated[AutoChunking | StaticChunking, Field(discriminator="type")]
DEFAULT_CHUNKS = StaticChunks(max_chunk_size_tokens=800, chunk_overlap_tokens=400)


class FileCounts(WireModel):
    """How many files stand where."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class VectorStore(Listed):
    """A collection of files that can be searched; `embedding_model` is an extension, null where only words count."""

    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str | None
    description: str | None
    usage_bytes: int
    file_counts: FileCounts
    status: Literal["expired", "in_progress", "completed"]
    expires_after: ExpiresAfter | None
    expires_at: int | None
    last_active_at: int | None
    metadata: dict[str, str]
    embedding_model: str | None


class StoreFile(Listed):
    """A file in a vector store; its id is the file's."""

    object: Literal["vector_store.file"] = "vector_store.file"
    usage_bytes: int
    created_at: int
    vector_store_id: str
    status: StoreFileStatus
    last_error: dict[str, str] | None
    chunking_strategy: dict[str, Any]
    attributes: dict[str, Any]


class FileBatch(WireModel):
    """Files that were added together."""

    id: str
    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: StoreFileStatus
    file_counts: FileCounts


class ContentPart(WireModel):
    """A piece of text."""

    type: Literal["text"] = "text"
    text: str


class StoreFileContent(WireModel):
    """The text that was read from a file, piece by piece."""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    data: list[ContentPart]
    has_more: bool = False
    next_page: str | None = None


class SearchResult(WireModel):
    """One passage that was found."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, Any]
    content: list[ContentPart]


class SearchResults(WireModel):
    """What a search found, best first."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[SearchResult]
    has_more: bool = False
    next_page: str | None = None


class ModifyVectorStore(RequestModel):
    """What may be changed; a field that is left out stays as it is."""

    name: str | None = None
    expires_after: ExpiresAfter | None = None
    metadata: Metadata | None = None


class CreateVectorStore(ModifyVectorStore):
    """A new store, with its first files if any."""

    description: str | None = None
    file_ids: list[str] | None = Field(None, max_length=500)
    chunking_strategy: ChunkingStrategy | None = None


class AddFile(RequestModel):
    """A file to add to a store."""

    file_id: str
    chunking_strategy: ChunkingStrategy | None = None
    attributes: Attributes | None = None


class AddFiles(RequestModel):
    """Files to add together: ids that share options, or files with options of their own."""

    file_ids: list[str] | None = Field(None, min_length=1, max_length=2000)
    files: list[AddFile] | None = Field(None, min_length=1, max_length=2000)
    chunking_strategy: ChunkingStrategy | None = None
    attributes: Attributes | None = None


class ModifyStoreFile(RequestModel):
    """A file's new attributes."""

    attributes: Attributes | None


class ComparisonFilter(RequestModel):
    """Compares one attribute with a value."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: bool | float | str | list[bool | float | str]


class CompoundFilter(RequestModel):
    """Joins filters."""

    type: Literal["and", "or"]
    filters: list[ComparisonFilter | CompoundFilter]


SearchFilter = ComparisonFilter | CompoundFilter


class SearchRanking(RequestModel):
    """How a search is ranked; results below the threshold are left out."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = "auto"
    score_threshold: float = Field(0.0, ge=0, le=1)


MOST_QUERIES = 20
SearchQuery = Annotated[str, StringConstraints(max_length=4096)]
"""Each query is a search of its own, so one request may not bring any number of them."""


class SearchRequest(RequestModel):
    """A search of one store."""

    query: SearchQuery | Annotated[list[SearchQuery], Field(min_length=1, max_length=MOST_QUERIES)]
    rewrite_query: bool = False
    max_num_results: int = Field(10, ge=1, le=50)
    filters: SearchFilter | None = None
    ranking_options: SearchRanking | None = None
