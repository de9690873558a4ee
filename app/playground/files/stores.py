"""Routes of vector stores: find one, make one, choose it for the assistant, change and delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from app.connections.failures import translated
from app.errors import AppError, InvalidRequest, NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files import store_files
from app.playground.sharing import sharing_of
from app.playground.views.stores import found_view, matches, missing_store, store_view

if TYPE_CHECKING:
    from app.connections.types import ExpiresAfter, VectorStore
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.views.stores import StoreView

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/stores")

_MOST_LISTED: Final = 1000
_MOST_SHOWN: Final = 50
_MOST_RESULTS: Final = 10
_LONGEST_NAME: Final = 256
_DELETED: Final = "This store was deleted. Choose another one, or none."
Name = Annotated[str, Form(max_length=_LONGEST_NAME)]


@router.get("")
async def list_stores(
    session: SessionDep, playground: PlaygroundDep, words: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """Show the stores whose names contain the words; the newest come first."""
    return HTMLResponse(await _stores_sheet(playground, session, words))


@router.post("")
async def create_store(session: SessionDep, playground: PlaygroundDep, name: Name = "") -> HTMLResponse:
    """Make a store, choose it for the assistant, and show it."""
    with session.calls():
        store = await session.client.vector_stores.create(name=name.strip() or "Documents")
    shown = store_view(store)
    return HTMLResponse(await _store_sheet(playground, session, shown) + _chosen(playground, session, shown))


@router.get("/{store_id}")
async def open_store(store_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show one store with its files."""
    with session.calls():
        store = await session.client.vector_stores.retrieve(store_id)
    return HTMLResponse(await _store_sheet(playground, session, store_view(store)))


@router.post("/{store_id}/choose")
async def choose_store(store_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Put the store into the setup form; it is stored with the assistant when that is saved."""
    with session.calls():
        store = await session.client.vector_stores.retrieve(store_id)
    return HTMLResponse(_chosen(playground, session, store_view(store)))


@router.post("/{store_id}")
async def change_store(
    store_id: str,
    session: SessionDep,
    playground: PlaygroundDep,
    name: Name = "",
    lifetime_days: Annotated[int, Form(ge=0, le=365)] = 0,
) -> HTMLResponse:
    """Rename the store, and say when it expires."""
    if not name.strip():
        raise InvalidRequest("Give the store a name.")
    with session.calls():
        store = await session.client.vector_stores.update(
            store_id, name=name.strip(), expires_after=_expiry(lifetime_days)
        )
    return HTMLResponse(await _store_sheet(playground, session, store_view(store), is_saved=True))


@router.post("/{store_id}/delete")
async def delete_store(
    store_id: str, session: SessionDep, playground: PlaygroundDep, vector_store_id: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Delete the store; its files stay. It leaves the setup form when it was chosen there."""
    with session.calls():
        await session.client.vector_stores.delete(store_id)
    left = _chosen(playground, session, None) if vector_store_id == store_id else ""
    return HTMLResponse(await _stores_sheet(playground, session, "") + left)


@router.post("/{store_id}/search")
async def search_store(
    store_id: str, session: SessionDep, playground: PlaygroundDep, query: Annotated[str, Form(max_length=2000)] = ""
) -> HTMLResponse:
    """Search the store as an assistant would, and show the passages with their scores."""
    if not query.strip():
        raise InvalidRequest("Write what to search for.")
    with session.calls():
        page = await session.client.vector_stores.search(store_id, query=query, max_num_results=_MOST_RESULTS)
    found = [found_view(one) for one in page.data]
    return HTMLResponse(playground.renderer.render("parts/stores/found.html", found=found))


async def chosen_store(session: Session, store_id: str, owner_name: str = "") -> StoreView | None:
    """Return the store that an assistant searches, for the setup form."""
    if not store_id:
        return None
    try:
        with translated(session.connection):
            return store_view(await session.client.vector_stores.retrieve(store_id))
    except NotFound:
        private = f"This store is private to {owner_name}. The assistant searches it all the same."
        return missing_store(store_id, private if owner_name else _DELETED)
    except AppError as error:
        return missing_store(store_id, error.message)


def _expiry(days: int) -> ExpiresAfter | None:
    return {"anchor": "last_active_at", "days": days} if days else None


def _chosen(playground: Playground, session: Session, store: StoreView | None) -> str:
    """Put the store into the setup form, or none; a store that is chosen is one to be searched."""
    place = ("#vector-store", "outerHTML", "parts/setup/vector_store.html")
    if store:
        place = ("#file-search", "outerHTML", "parts/setup/file_search.html")
    return playground.renderer.partials([place], store=store, is_on=True, chat_id=session.chat.id)


async def _stores_sheet(playground: Playground, session: Session, words: str) -> str:
    stores: list[VectorStore] = []
    with session.calls():
        async for store in session.client.vector_stores.list(limit=100):
            stores.append(store)
            if len(stores) == _MOST_LISTED:
                break
    fitting = [store_view(store) for store in stores if matches(store, words)]
    return playground.renderer.render(
        "parts/stores/list.html",
        stores=fitting[:_MOST_SHOWN],
        hidden=max(0, len(fitting) - _MOST_SHOWN),
        words=words,
        chat_id=session.chat.id,
    )


async def _store_sheet(playground: Playground, session: Session, store: StoreView, *, is_saved: bool = False) -> str:
    files = await store_files.read_files(session, store.id)
    sharing = await sharing_of(playground, session, f"/vector_stores/{store.id}")
    return playground.renderer.render(
        "parts/stores/store.html",
        store=store,
        files=files,
        is_saved=is_saved,
        sharing=sharing,
        store_id=store.id,
        can_search=session.abilities.searches_stores,
        chat_id=session.chat.id,
    )
