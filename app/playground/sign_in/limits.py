"""Routes of limits: one's own and what one takes; for owners, those of everybody and of each person."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from app.connections import extensions
from app.connections.connection import BUILT_IN
from app.connections.failures import translated
from app.people.limits import FOR_ALL
from app.playground.deps import PlaygroundDep
from app.playground.failures import PageRoute
from app.playground.files.file_facts import size_text
from app.playground.sign_in.account import OwnerDep, account_sheet, people_sheet
from app.playground.sign_in.door import Door
from app.playground.sign_in.limit_fields import LimitField, fields_of, read_fields
from app.playground.sign_in.routes import DoorDep

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/account")

_EVERYBODY: Final = "everybody"
"""Stands in addresses for no person."""
_Typed = Annotated[str, Form(max_length=40)]


@router.get("/limits")
async def show_own_limits(request: Request, playground: PlaygroundDep, _door: DoorDep) -> HTMLResponse:
    """Show what the person may take, and takes now."""
    with translated(BUILT_IN):
        found = await extensions.limits_of(playground.services.connections.client(BUILT_IN.name))
    return account_sheet(request, "own_limits", limits=found, size_text=size_text)


@router.get("/people/{person_id}/limits")
async def show_limits(request: Request, door: DoorDep, _owner: OwnerDep, person_id: str) -> HTMLResponse:
    """Show somebody's limits, to be changed; everybody's where the address names nobody."""
    kept = await door.limits.all()
    shared = kept.get(FOR_ALL, door.limits.default)
    key = _key(person_id)
    return await _editor(request, door, person_id, fields_of(kept.get(key, shared)), is_set=key in kept)


@router.post("/people/{person_id}/limits")
async def set_limits(
    request: Request,
    door: DoorDep,
    owner: OwnerDep,
    person_id: str,
    runs_at_once: _Typed = "",
    runs_per_minute: _Typed = "",
    storage_mb: _Typed = "",
    upload_mb: _Typed = "",
) -> HTMLResponse:
    """Let other limits hold from now on; what is no number is refused at its field."""
    typed = {
        "runs_at_once": runs_at_once,
        "runs_per_minute": runs_per_minute,
        "storage_mb": storage_mb,
        "upload_mb": upload_mb,
    }
    limits, fields = read_fields(typed)
    if any(field.error for field in fields):
        is_set = _key(person_id) in await door.limits.all()
        return await _editor(request, door, person_id, fields, is_set=is_set, status=422)
    await door.limits.set(_key(person_id), limits)
    return await people_sheet(request, door, owner)


@router.post("/people/{person_id}/limits/clear")
async def clear_limits(request: Request, door: DoorDep, owner: OwnerDep, person_id: str) -> HTMLResponse:
    """Let the limits for everybody hold again, or those of the settings."""
    await door.limits.clear(_key(person_id))
    return await people_sheet(request, door, owner)


def _key(person_id: str) -> str:
    return FOR_ALL if person_id == _EVERYBODY else person_id


async def _editor(
    request: Request, door: Door, person_id: str, fields: list[LimitField], *, is_set: bool, status: int = 200
) -> HTMLResponse:
    whose = "" if person_id == _EVERYBODY else await door.people.name_of(person_id)
    shown = {"person_id": person_id, "whose": whose, "is_set": is_set, "fields": fields}
    return account_sheet(request, "limits", status=status, **shown)
