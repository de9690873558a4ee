"""Routes of what belongs to a person: the keys of their programs; for owners, the people and their invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from app.errors import Forbidden
from app.people.limits import FOR_ALL
from app.people.people import Person
from app.playground.deps import get_playground, server_address
from app.playground.failures import PageRoute
from app.playground.sign_in.door import Door
from app.playground.sign_in.guard import EVERYBODY, SIGN_IN_PATH, cookie_name
from app.playground.sign_in.limit_fields import in_words
from app.playground.sign_in.routes import DoorDep

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/account")


def get_person(request: Request) -> Person:
    """Return who asks."""
    person: Person = getattr(request.state, "person", EVERYBODY)
    return person


def get_owner(person: Annotated[Person, Depends(get_person)]) -> Person:
    """Return who asks, or raise `Forbidden` when it is not an owner."""
    if not person.is_owner:
        raise Forbidden("Only owners of this server may do this.")
    return person


PersonDep = Annotated[Person, Depends(get_person)]
OwnerDep = Annotated[Person, Depends(get_owner)]


@router.get("/keys")
async def list_keys(request: Request, door: DoorDep, person: PersonDep) -> HTMLResponse:
    """Show the keys of the person's programs."""
    return account_sheet(request, "keys", keys=await door.keys.list(person.id))


@router.post("/keys")
async def make_key(
    request: Request, door: DoorDep, person: PersonDep, name: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Make a key and show its secret this once."""
    _key, secret = await door.keys.make(person.id, name)
    return account_sheet(request, "keys", keys=await door.keys.list(person.id), secret=secret)


@router.post("/keys/{key_id}/revoke")
async def revoke_key(request: Request, door: DoorDep, person: PersonDep, key_id: str) -> HTMLResponse:
    """Make a key useless at once."""
    await door.keys.revoke(person.id, key_id)
    return account_sheet(request, "keys", keys=await door.keys.list(person.id))


@router.get("/sign-ins")
async def list_sign_ins(request: Request, door: DoorDep, person: PersonDep) -> HTMLResponse:
    """Show in how many other browsers the person is signed in."""
    count = await door.people.count_sign_ins(person.id, _secret(request))
    return account_sheet(request, "sign_ins", count=count, ended=None)


@router.post("/sign-ins/end")
async def sign_out_elsewhere(request: Request, door: DoorDep, person: PersonDep) -> HTMLResponse:
    """Sign the person out in every browser but this one."""
    ended = await door.people.sign_out_everywhere(person.id, _secret(request))
    return account_sheet(request, "sign_ins", count=0, ended=ended)


@router.get("/people")
async def list_people(request: Request, door: DoorDep, owner: OwnerDep) -> HTMLResponse:
    """Show who may come in."""
    return await people_sheet(request, door, owner)


@router.post("/people/invite")
async def invite(
    request: Request, door: DoorDep, owner: OwnerDep, role: Annotated[str, Form()] = "member"
) -> HTMLResponse:
    """Make a link that signs somebody in once."""
    secret = await door.people.invite("owner" if role == "owner" else "member")
    link = f"{server_address(request)}{SIGN_IN_PATH}?token={secret}"
    return await people_sheet(request, door, owner, link)


@router.post("/people/{person_id}/remove")
async def remove_person(request: Request, door: DoorDep, owner: OwnerDep, person_id: str) -> HTMLResponse:
    """Let somebody in no more; what they made stays."""
    if person_id == owner.id:
        raise Forbidden("You can't remove yourself. Another owner can.")
    await door.people.remove(person_id)
    return await people_sheet(request, door, owner)


@router.post("/people/{person_id}/sign-out")
async def sign_person_out(request: Request, door: DoorDep, owner: OwnerDep, person_id: str) -> HTMLResponse:
    """Sign somebody out in every browser; oneself in every other one."""
    kept = _secret(request) if person_id == owner.id else ""
    ended = await door.people.sign_out_everywhere(person_id, kept)
    name = await door.people.name_of(person_id)
    return await people_sheet(request, door, owner, note=f"{name} is signed out of {in_browsers(ended)}.")


async def people_sheet(request: Request, door: Door, me: Person, link: str = "", note: str = "") -> HTMLResponse:
    """Show who may come in, and what they may take."""
    limits = await door.limits.all()
    shared = limits.pop(FOR_ALL, door.limits.default)
    return account_sheet(
        request,
        "people",
        people=await door.people.list(),
        me=me,
        limited=limits.keys(),
        limits=in_words(shared),
        link=link,
        note=note,
    )


def account_sheet(request: Request, name: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """Show one of the sheets of `templates/parts/people`."""
    renderer = get_playground(request).renderer
    shown = {"secret": "", "day": _day, "in_browsers": in_browsers, **context}
    content = renderer.render(f"parts/people/{name}.html", **shown)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})


def in_browsers(count: int) -> str:
    """Say how many browsers they are."""
    return "1 browser" if count == 1 else f"{count or 'no'} browsers"


def _secret(request: Request) -> str:
    return request.cookies.get(cookie_name(request), "")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")
