"""Routes of the files in a vector store: add, follow, remove.

The repeated looks at a list whose files are being read are not written to the logs, which would hold little else.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from app.connections.failures import translated
from app.errors import AppError, InvalidRequest, NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.file_facts import describe
from app.playground.files.uploads import ArrivalDep, UploadRoute
from app.playground.views.stores import StoreFilesView, store_file_view, store_view

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

_PREFIX: Final = "/chats/{chat_id}/stores/{store_id}"
uploads_router = APIRouter(route_class=UploadRoute, include_in_schema=False, prefix=_PREFIX)
router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix=_PREFIX)

_PAGE: Final = 100
_MOST_ROUNDS: Final = 300
_NOT_SEARCHABLE: Final = (
    "Files of this type cannot be searched. Give text, Markdown, PDF, Word, PowerPoint, HTML, JSON or source code."
)
Status = Literal["", "in_progress", "completed", "failed", "cancelled"]


@uploads_router.post("/uploads")
async def upload_to_store(
    store_id: str, arrival: ArrivalDep, session: SessionDep, playground: PlaygroundDep
) -> HTMLResponse:
    """Store a file and add it to the vector store; one that cannot be added is not kept."""
    file = await arrival.store(session, "assistants")
    try:
        with session.calls():
            await session.client.vector_stores.files.create(store_id, file_id=file.id)
    except AppError as error:
        with session.calls():
            await session.client.files.delete(file.id)
        if error.code == "unsupported_file":
            raise InvalidRequest(_NOT_SEARCHABLE) from error
        raise
    return await _files_part(playground, session, store_id)


@router.get("/files")
async def follow_files(
    store_id: str,
    session: SessionDep,
    playground: PlaygroundDep,
    status: Status = "",
    after: str = "",
    look: Annotated[int, Query(ge=0, le=_MOST_ROUNDS)] = 0,
) -> HTMLResponse:
    """Show a page of the store's files; a list that moves asks again by itself, for five minutes at most."""
    return await _files_part(playground, session, store_id, status=status, after=after, look=look)


@router.post("/files/{file_id}/read")
async def read_again(store_id: str, file_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Add a file once more, which reads it anew."""
    with session.calls():
        await session.client.vector_stores.files.create(store_id, file_id=file_id)
    return await _files_part(playground, session, store_id)


@router.post("/files/{file_id}/remove")
async def remove_from_store(
    store_id: str, file_id: str, session: SessionDep, playground: PlaygroundDep
) -> HTMLResponse:
    """Take a file out of the store; the file stays."""
    with session.calls():
        await session.client.vector_stores.files.delete(file_id, vector_store_id=store_id)
    return await _files_part(playground, session, store_id)


@router.post("/files/{file_id}/delete")
async def delete_store_file(
    store_id: str, file_id: str, session: SessionDep, playground: PlaygroundDep
) -> HTMLResponse:
    """Delete a file, which takes it out of this store and all others."""
    with suppress(NotFound), session.calls():  # It may be gone while the store still lists it.
        await session.client.vector_stores.files.delete(file_id, vector_store_id=store_id)
    with suppress(NotFound), session.calls():
        await session.client.files.delete(file_id)
    session.conversation.files.pop(file_id, None)
    return await _files_part(playground, session, store_id)


async def read_files(
    session: Session, store_id: str, status: Status = "", after: str = "", look: int = 0
) -> StoreFilesView:
    """Return one page of a store's files, the newest first."""
    options: dict[str, object] = {"filter": status} if status else {}
    options |= {"after": after} if after else {}
    with translated(session.connection) if look else session.calls():
        page = await session.client.vector_stores.files.list(store_id, limit=_PAGE, **options)  # type: ignore[arg-type]  # checked words
    facts = await describe(session, [file.id for file in page.data])
    is_moving = any(file.status == "in_progress" for file in page.data)
    return StoreFilesView(
        files=tuple(store_file_view(file, about) for file, about in zip(page.data, facts, strict=True)),
        status=status,
        after=after,
        next_after=page.data[-1].id if page.has_more and page.data else "",
        next_round=look + 1 if is_moving and look < _MOST_ROUNDS else 0,
        is_moving=is_moving,
    )


async def _files_part(
    playground: Playground, session: Session, store_id: str, *, status: Status = "", after: str = "", look: int = 0
) -> HTMLResponse:
    """Answer with the list, and with the facts that change with it."""
    with translated(session.connection):
        store = store_view(await session.client.vector_stores.retrieve(store_id))
    files = await read_files(session, store_id, status, after, look)
    places = [
        ("#store-files", "outerMorph", "parts/stores/files.html"),
        ("#store-facts", "outerMorph", "parts/stores/facts.html"),
        (f"#vector-store-state-{store.id}", "outerMorph", "parts/setup/vector_store_state.html"),
    ]
    return HTMLResponse(playground.renderer.partials(places, store=store, files=files, chat_id=session.chat.id))
