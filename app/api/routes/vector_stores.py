"""`/vector_stores`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.deps import CurrentCursor, CurrentEngine
from app.api.responses import POLL_AFTER_MS, WireResponse
from app.api.route import ApiRoute
from app.engine import sharing, vector_store_files, vector_stores
from app.engine.store import tables
from app.engine.tools.file_search import search
from app.wire.base import Deleted
from app.wire.pages import Page
from app.wire.sharing import ModifySharing, Sharing
from app.wire.vector_stores import (
    AddFile,
    AddFiles,
    CreateVectorStore,
    FileBatch,
    ModifyStoreFile,
    ModifyVectorStore,
    SearchRequest,
    SearchResults,
    StoreFile,
    StoreFileContent,
    StoreFileStatus,
    VectorStore,
)

router = APIRouter(prefix="/vector_stores", tags=["Vector stores"], route_class=ApiRoute)

StatusFilter = Annotated[StoreFileStatus | None, Query(alias="filter")]
_EXTENSION: dict[str, object] = {"x-extension": True}
_POLL = {"openai-poll-after-ms": POLL_AFTER_MS}


@router.get("", response_model=Page[VectorStore])
async def list_vector_stores(engine: CurrentEngine, cursor: CurrentCursor) -> WireResponse:
    """List vector stores."""
    return WireResponse(await vector_stores.list_vector_stores(engine, cursor))


@router.post("", response_model=VectorStore)
async def create_vector_store(engine: CurrentEngine, body: CreateVectorStore | None = None) -> WireResponse:
    """Create a vector store; the body may be missing."""
    return WireResponse(await vector_stores.create_vector_store(engine, body or CreateVectorStore()))


@router.get("/{store_id}", response_model=VectorStore)
async def get_vector_store(engine: CurrentEngine, store_id: str) -> WireResponse:
    """Retrieve a vector store."""
    return WireResponse(await vector_stores.get_vector_store(engine, store_id), headers=_POLL)


@router.post("/{store_id}", response_model=VectorStore)
async def modify_vector_store(engine: CurrentEngine, store_id: str, body: ModifyVectorStore) -> WireResponse:
    """Modify a vector store."""
    return WireResponse(await vector_stores.modify_vector_store(engine, store_id, body))


@router.delete("/{store_id}", response_model=Deleted)
async def delete_vector_store(engine: CurrentEngine, store_id: str) -> WireResponse:
    """Delete a vector store; its files stay."""
    return WireResponse(await vector_stores.delete_vector_store(engine, store_id))


@router.get("/{store_id}/sharing", response_model=Sharing, openapi_extra=_EXTENSION)
async def get_store_sharing(engine: CurrentEngine, store_id: str) -> WireResponse:
    """Tell whose a vector store is and whether it is shared; this is an extension."""
    return WireResponse(await sharing.get_sharing(engine, tables.vector_stores, store_id))


@router.post("/{store_id}/sharing", response_model=Sharing, openapi_extra=_EXTENSION)
async def modify_store_sharing(engine: CurrentEngine, store_id: str, body: ModifySharing) -> WireResponse:
    """Share a vector store with everybody who signs in, or stop that; this is an extension."""
    return WireResponse(await sharing.modify_sharing(engine, tables.vector_stores, store_id, body))


@router.post("/{store_id}/search", response_model=SearchResults)
async def search_vector_store(engine: CurrentEngine, store_id: str, body: SearchRequest) -> WireResponse:
    """Search a vector store."""
    return WireResponse(await search.search_store(engine, store_id, body))


@router.get("/{store_id}/files", response_model=Page[StoreFile])
async def list_store_files(
    engine: CurrentEngine, store_id: str, cursor: CurrentCursor, status: StatusFilter = None
) -> WireResponse:
    """List a store's files, of one status where `filter` is given."""
    return WireResponse(await vector_store_files.list_files(engine, store_id, cursor, status))


@router.post("/{store_id}/files", response_model=StoreFile)
async def add_store_file(engine: CurrentEngine, store_id: str, body: AddFile) -> WireResponse:
    """Add a file to a store."""
    return WireResponse(await vector_store_files.add_file(engine, store_id, body))


@router.get("/{store_id}/files/{file_id}", response_model=StoreFile)
async def get_store_file(engine: CurrentEngine, store_id: str, file_id: str) -> WireResponse:
    """Retrieve a store's file."""
    return WireResponse(await vector_store_files.get_file(engine, store_id, file_id), headers=_POLL)


@router.post("/{store_id}/files/{file_id}", response_model=StoreFile)
async def modify_store_file(engine: CurrentEngine, store_id: str, file_id: str, body: ModifyStoreFile) -> WireResponse:
    """Replace the attributes of a store's file."""
    return WireResponse(await vector_store_files.modify_file(engine, store_id, file_id, body))


@router.delete("/{store_id}/files/{file_id}", response_model=Deleted)
async def remove_store_file(engine: CurrentEngine, store_id: str, file_id: str) -> WireResponse:
    """Remove a file from a store; the file itself stays."""
    return WireResponse(await vector_store_files.remove_file(engine, store_id, file_id))


@router.get("/{store_id}/files/{file_id}/content", response_model=StoreFileContent)
async def read_store_file_content(engine: CurrentEngine, store_id: str, file_id: str) -> WireResponse:
    """Retrieve the text that was read from a file."""
    return WireResponse(await vector_store_files.read_content(engine, store_id, file_id))


@router.post("/{store_id}/file_batches", response_model=FileBatch)
async def create_file_batch(engine: CurrentEngine, store_id: str, body: AddFiles) -> WireResponse:
    """Add several files to a store."""
    return WireResponse(await vector_store_files.create_batch(engine, store_id, body))


@router.get("/{store_id}/file_batches/{batch_id}", response_model=FileBatch)
async def get_file_batch(engine: CurrentEngine, store_id: str, batch_id: str) -> WireResponse:
    """Retrieve a batch."""
    return WireResponse(await vector_store_files.get_batch(engine, store_id, batch_id), headers=_POLL)


@router.post("/{store_id}/file_batches/{batch_id}/cancel", response_model=FileBatch)
async def cancel_file_batch(engine: CurrentEngine, store_id: str, batch_id: str) -> WireResponse:
    """Stop a batch; files that are done stay."""
    return WireResponse(await vector_store_files.cancel_batch(engine, store_id, batch_id))


@router.get("/{store_id}/file_batches/{batch_id}/files", response_model=Page[StoreFile])
async def list_batch_files(
    engine: CurrentEngine, store_id: str, batch_id: str, cursor: CurrentCursor, status: StatusFilter = None
) -> WireResponse:
    """List a batch's files."""
    return WireResponse(await vector_store_files.list_files(engine, store_id, cursor, status, batch_id))
