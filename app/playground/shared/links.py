"""Routes of the links to a thread: make one, see them, revoke one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from app.errors import InvalidRequest
from app.people.thread_links import LINK_DAYS
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.sign_in.account import PersonDep
from app.playground.sign_in.routes import DoorDep

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.sign_in.door import Door

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/links")


@router.get("")
async def list_links(session: SessionDep, playground: PlaygroundDep, door: DoorDep, person: PersonDep) -> HTMLResponse:
    """Show the links to the thread."""
    return await _sheet(playground, session, door, person.id)


@router.post("")
async def make_link(
    request: Request,
    session: SessionDep,
    playground: PlaygroundDep,
    door: DoorDep,
    person: PersonDep,
    days: Annotated[int, Form()] = 7,
) -> HTMLResponse:
    """Make a link that lets anybody read the thread, and show it this once."""
    if days not in LINK_DAYS:
        raise InvalidRequest("Choose how many days the link shall work.")
    with session.calls():
        await session.client.beta.threads.retrieve(session.thread_id)  # Only who may see a thread shares it.
    secret = await door.links.make(person.id, session.chat.connection, session.thread_id, days)
    link = str(request.url_for("read_shared_thread", secret=secret))
    return await _sheet(playground, session, door, person.id, link)


@router.post("/{link_id}/revoke")
async def revoke_link(
    link_id: str, session: SessionDep, playground: PlaygroundDep, door: DoorDep, person: PersonDep
) -> HTMLResponse:
    """Make a link useless at once."""
    await door.links.revoke(person.id, link_id)
    return await _sheet(playground, session, door, person.id)


async def _sheet(playground: Playground, session: Session, door: Door, owner_id: str, link: str = "") -> HTMLResponse:
    context = {
        "links": await door.links.list(owner_id, session.thread_id),
        "link": link,
        "days": LINK_DAYS,
        "moment": _moment,
        "chat_id": session.chat.id,
    }
    content = playground.renderer.render("parts/shared/links.html", **context)
    return HTMLResponse(content, headers={"Cache-Control": "no-store"})


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
