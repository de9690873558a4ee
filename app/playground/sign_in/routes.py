"""Routes of signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from app.errors import AppError, NotFound, Unauthorized
from app.people.people import SIGN_IN_SECONDS
from app.playground.deps import get_playground
from app.playground.failures import PageRoute
from app.playground.sign_in.door import Door
from app.playground.sign_in.guard import SIGN_IN_PATH, cookie_name

if TYPE_CHECKING:
    from app.people.people import Person
    from app.playground.sign_in.provider import IdentityProvider

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_NEXT: Final = "next"
_USED: Final = "This link was used or has expired. Ask for a new one."


def get_door(request: Request) -> Door:
    """Return how people come in; raises `NotFound` where nobody signs in."""
    door = get_playground(request).services.door
    if door is None:
        raise NotFound("Nobody signs in on this server: everything is open.")
    return door


DoorDep = Annotated[Door, Depends(get_door)]


@router.get(SIGN_IN_PATH)
async def show_sign_in(
    request: Request, door: DoorDep, token: str = "", to: Annotated[str, Query(alias=_NEXT)] = "/"
) -> Response:
    """Show the way in; a link's secret goes through the form, so that no mail scanner uses it up."""
    is_spent = bool(token) and not await door.people.is_invitation(token)
    return _form(request, door, to, token="" if is_spent else token, reason=_USED if is_spent else "")


@router.post(SIGN_IN_PATH)
async def sign_in(
    request: Request,
    door: DoorDep,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
    to: Annotated[str, Form(alias=_NEXT)] = "/",
) -> Response:
    """Let in who has a link or the password."""
    try:
        door.attempts.check(request.client.host if request.client else "")
        person = await door.people.accept(token, name) if token else await _by_password(door, name, password)
    except AppError as error:
        return _form(request, door, to, token=token, name=name, reason=error.message, status=error.status)
    return await _let_in(request, door, person, to)


@router.get(f"{SIGN_IN_PATH}/provider")
async def go_to_provider(request: Request, door: DoorDep, to: Annotated[str, Query(alias=_NEXT)] = "/") -> Response:
    """Send the browser to the identity provider."""
    provider = _provider(door)
    request.session[_NEXT] = to
    try:
        return await provider.redirect(request, str(request.url_for("come_back")))
    except AppError as error:
        return _form(request, door, to, reason=error.message, status=error.status)


@router.get(f"{SIGN_IN_PATH}/callback")
async def come_back(request: Request, door: DoorDep) -> Response:
    """Let in whom the identity provider vouches for."""
    provider = _provider(door)
    to = str(request.session.pop(_NEXT, "/"))
    try:
        identity = await provider.identity(request)
    except AppError as error:
        return _form(request, door, to, reason=error.message, status=error.status)
    person = await door.people.vouched(identity.subject, identity.name, identity.role)
    return await _let_in(request, door, person, to)


@router.post("/sign-out")
async def sign_out(request: Request, door: DoorDep) -> Response:
    """Forget this browser."""
    name = cookie_name(request)
    await door.people.sign_out(request.cookies.get(name, ""))
    response = RedirectResponse(SIGN_IN_PATH, 303)
    response.delete_cookie(name, secure=request.url.scheme == "https", httponly=True)
    return response


async def _by_password(door: Door, name: str, password: str) -> Person:
    if not door.is_password(password):
        raise Unauthorized("This is not the password. Ask whoever runs this server for it.")
    return await door.people.add(name)


def _provider(door: Door) -> IdentityProvider:
    if door.provider is None:
        raise NotFound("This server has no identity provider.")
    return door.provider


def _form(
    request: Request, door: Door, to: str, *, token: str = "", reason: str = "", name: str = "", status: int = 200
) -> HTMLResponse:
    context = {"way": door.way, "token": token, "reason": reason, "name": name, "to": _own_path(to), "theme": ""}
    content = get_playground(request).renderer.render("pages/sign_in.html", **context)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})


async def _let_in(request: Request, door: Door, person: Person, to: str) -> Response:
    response = RedirectResponse(_own_path(to), 303)
    response.set_cookie(
        cookie_name(request),
        await door.people.sign_in(person),
        max_age=int(SIGN_IN_SECONDS),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _own_path(to: str) -> str:
    """Return where to go on this site: never to another one."""
    is_own = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if is_own else "/"
