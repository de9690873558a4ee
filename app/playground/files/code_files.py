"""Files of an assistant's code interpreter, and what the setup form shows of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.files.file_facts import describe
from app.playground.files.stores import chosen_store
from app.playground.files.uploads import ArrivalDep, UploadRoute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.playground.files.file_facts import FileFacts
    from app.playground.session import Session
    from app.playground.views.stores import StoreView

uploads_router = APIRouter(route_class=UploadRoute, include_in_schema=False, prefix="/chats/{chat_id}/code-files")


@dataclass(frozen=True, slots=True)
class AssistantFiles:
    """The files that the setup form shows: those for code, and the store that is searched."""

    code: tuple[FileFacts, ...] = ()
    store: StoreView | None = None


async def assistant_files(
    session: Session, code_file_ids: Iterable[str], store_id: str, owner_name: str = ""
) -> AssistantFiles:
    """Return what the setup form shows of the files that its hidden fields name; `owner_name` has what is missing."""
    store = await chosen_store(session, store_id, owner_name)
    return AssistantFiles(tuple(await describe(session, code_file_ids)), store)


@uploads_router.post("")
async def upload_code_file(arrival: ArrivalDep, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Store a file for the code interpreter, and put it into the setup form; it is attached when that is saved."""
    file = await arrival.store(session, "assistants")
    place = ("#code-file-list", "beforeend", "parts/setup/code_file.html")
    return HTMLResponse(playground.renderer.partials([place], file=file, chat_id=session.chat.id))
