"""Routes of what a link to a thread shows: the conversation and its files, and nothing else of its owner's."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, StreamingResponse

from app.connections.failures import translated
from app.connections.principal import acting_for
from app.errors import NotFound
from app.journal.chats import Chat
from app.playground.chat import transcript
from app.playground.chat.conversation import Conversation
from app.playground.deps import PlaygroundDep
from app.playground.failures import PageRoute
from app.playground.files.files import send_file
from app.playground.panes import draft_views
from app.playground.session import Session
from app.playground.sign_in.routes import DoorDep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.people.thread_links import ThreadLink
    from app.playground.drafts.draft import Draft
    from app.playground.playground import Playground
    from app.playground.sign_in.door import Door

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/shared/{secret}")

_MOST_PAGES: Final = 40
_PRIVATE: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}


class Reading(Session):
    """A session that leaves no trace in its owner's logs."""

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Translate the failures of the API calls made inside the block."""
        with translated():
            yield


@router.get("")
async def read_shared_thread(secret: str, playground: PlaygroundDep, door: DoorDep) -> HTMLResponse:
    """Show the conversation to whoever has the link."""
    link = await door.links.find(secret)

    def file_url(file_id: str) -> str:
        mark = _mark(door, link, file_id)
        return playground.renderer.path("read_shared_file", secret=secret, file_id=file_id, mark=mark)

    with acting_for(link.owner_id):
        reading = _reading(playground, link)
        drafts, is_cut = await _whole(reading)
        items = draft_views(playground, reading, drafts, file_url)
    context = {
        "items": items,
        "is_cut": is_cut,
        "file_url": file_url,
        "owner_name": await door.people.name_of(link.owner_id),
        "theme": "",
    }
    return HTMLResponse(playground.renderer.render("pages/shared.html", **context), headers=_PRIVATE)


@router.get("/files/{file_id}/{mark}")
async def read_shared_file(
    secret: str, file_id: str, mark: str, playground: PlaygroundDep, door: DoorDep
) -> StreamingResponse:
    """Send a file that the conversation names, and no other: the page gave its address a mark."""
    link = await door.links.find(secret)
    if not hmac.compare_digest(mark.encode(), _mark(door, link, file_id).encode()):
        raise NotFound("This conversation has no such file. Reload it.")
    with acting_for(link.owner_id):
        response = await send_file(_reading(playground, link), file_id)
    response.headers.update(_PRIVATE)
    return response


def _reading(playground: Playground, link: ThreadLink) -> Reading:
    services = playground.services
    chat = Chat("", link.connection, None, link.thread_id, 0, 0, owner_id=link.owner_id)
    client, connection = services.connections.client(link.connection), services.connections.get(link.connection)
    abilities = services.connections.abilities(link.connection)
    kept = services.journal, services.mocks, services.outputs
    return Reading(chat, client, Conversation(), *kept, connection, abilities)


async def _whole(reading: Reading) -> tuple[list[Draft], bool]:
    """Return the thread's messages and steps, oldest first, and whether there are more; raises `NotFound`."""
    with reading.calls():
        await reading.client.beta.threads.retrieve(reading.thread_id)
        assistants = (await reading.client.beta.assistants.list(limit=100)).data
    reading.conversation.names |= {assistant.id: assistant.name or "Assistant" for assistant in assistants}
    await transcript.load(reading)
    drafts, mark = list(reading.conversation.drafts), reading.conversation.older
    for _page in range(_MOST_PAGES):
        if mark is None:
            break
        older, mark = await transcript.older(reading, mark)
        drafts = [*older, *drafts]
    return drafts, mark is not None


def _mark(door: Door, link: ThreadLink, file_id: str) -> str:
    """Return what only this server can say of a file that it showed under a link."""
    return hmac.new(door.file_key, f"{link.id} {file_id}".encode(), hashlib.sha256).hexdigest()
