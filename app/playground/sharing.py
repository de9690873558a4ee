"""Routes of sharing an assistant or a vector store with the team, and what the page says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from app.connections import extensions
from app.connections.failures import translated
from app.errors import AppError, InvalidRequest, NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.files.file_facts import describe

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

_LEFT_OUT: Final = "Private files of {name} are left out: they work in the shared assistant only."
IsShared = Annotated[bool, Form()]


@dataclass(frozen=True, slots=True)
class SharingView:
    """Whether an object is shared, and by whom."""

    is_shared: bool
    is_own: bool
    owner_name: str


@router.post("/assistant/share")
async def share_assistant(
    session: SessionDep, playground: PlaygroundDep, *, is_shared: IsShared = False
) -> HTMLResponse:
    """Share the chosen assistant with the team, or stop that; what is unsaved in the form stays."""
    if session.chat.assistant_id is None:
        raise InvalidRequest("Create the assistant first. Then it can be shared.")
    sharing = await _share(playground, session, f"/assistants/{session.chat.assistant_id}", is_shared=is_shared)
    parts = [
        ("#share-assistant", "outerHTML", "parts/setup/share.html"),
        ("#sharing", "outerHTML", "parts/setup/sharing.html"),
    ]
    return HTMLResponse(playground.renderer.partials(parts, sharing=sharing, chat_id=session.chat.id))


@router.post("/stores/{store_id}/share")
async def share_store(
    store_id: str, session: SessionDep, playground: PlaygroundDep, *, is_shared: IsShared = False
) -> HTMLResponse:
    """Share a store with the team, or stop that."""
    sharing = await _share(playground, session, f"/vector_stores/{store_id}", is_shared=is_shared)
    context = {"sharing": sharing, "store_id": store_id, "chat_id": session.chat.id}
    return HTMLResponse(playground.renderer.render("parts/stores/sharing.html", **context))


async def sharing_of(playground: Playground, session: Session, path: str) -> SharingView | None:
    """Return how the object at a path of the API is shared; None where nobody signs in, or it can't be told."""
    if playground.services.door is None or not session.has_extensions or session.connection.is_remote:
        return None
    try:
        with translated():
            found = await extensions.sharing_of(session.client, path)
    except AppError:
        return None
    return await _view(playground, found)


async def without_private(
    playground: Playground, session: Session, stored: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Leave out of a copy of another's assistant the files that only this one may see, and say so."""
    sharing = await sharing_of(playground, session, f"/assistants/{stored.get('id')}")
    if sharing is None or sharing.is_own:
        return stored, ()
    resources = stored.get("tool_resources") or {}
    named = (resources.get("code_interpreter") or {}).get("file_ids") or []
    kept = [facts.id for facts in await describe(session, named) if facts.is_there]
    stores = (resources.get("file_search") or {}).get("vector_store_ids") or []
    seen = [store_id for store_id in stores if await _is_seen(session, store_id)]
    allowed = {"code_interpreter": {"file_ids": kept}, "file_search": {"vector_store_ids": seen}}
    notes = () if (kept, seen) == (named, stores) else (_LEFT_OUT.format(name=sharing.owner_name),)
    return {**stored, "tool_resources": allowed}, notes


async def _share(playground: Playground, session: Session, path: str, *, is_shared: bool) -> SharingView:
    with session.calls():
        return await _view(playground, await extensions.share(session.client, path, is_shared=is_shared))


async def _view(playground: Playground, sharing: extensions.Sharing) -> SharingView:
    door = playground.services.door
    name = await door.people.name_of(sharing.owner_id) if door and not sharing.is_own else ""
    return SharingView(sharing.is_shared, sharing.is_own, name)


async def _is_seen(session: Session, store_id: str) -> bool:
    try:
        with translated():
            await session.client.vector_stores.retrieve(store_id)
    except NotFound:
        return False
    return True
