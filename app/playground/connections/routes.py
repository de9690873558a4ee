"""Routes of connections: switch the chat to another one, list them, test one, make and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse

from app.connections import checks
from app.connections.sentences import SHUT_DOWN
from app.errors import AppError, InvalidRequest
from app.playground.connections.fields import ConnectionFields, FieldsDep
from app.playground.connections.resource import resource_view
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.services import book_of
from app.playground.sign_in.account import OwnerDep, PersonDep, get_owner
from app.playground.views.connections import connection_view

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

Name = Annotated[str, Form(max_length=200)]
_TO_SHEET: Final = {"HX-Retarget": "#sheet-content", "HX-Reswap": "innerHTML"}


@router.get("/connections")
async def list_connections(session: SessionDep, playground: PlaygroundDep, person: PersonDep) -> HTMLResponse:
    """Show all connections in the sheet."""
    return _list(playground, session, is_owner=person.is_owner)


@router.post("/connections")
async def make_connection(
    session: SessionDep, playground: PlaygroundDep, owner: OwnerDep, fields: FieldsDep
) -> HTMLResponse:
    """Keep a new connection; what is wrong with it stands beside its field."""
    try:
        made = await book_of(playground.services).make(fields.connection())
    except InvalidRequest as error:
        problem = {error.param or "name": error.message}
        return _list(playground, session, is_owner=owner.is_owner, fields=fields, errors=problem)
    return _list(playground, session, is_owner=owner.is_owner, note=f"'{made.name}' is added. Test it now.")


@router.post("/connections/remove")
async def remove_connection(
    session: SessionDep, playground: PlaygroundDep, owner: OwnerDep, name: Name = ""
) -> HTMLResponse:
    """Forget a connection that was made on the page; what is on the service stays."""
    await book_of(playground.services).remove(name)
    if name == session.connection.name:
        begun = await playground.begin()
        return _go(playground, begun)
    return _list(playground, session, is_owner=owner.is_owner, note=f"'{name}' is removed. What is there stays.")


@router.post("/connections/test")
async def check_connection(
    session: SessionDep, playground: PlaygroundDep, name: Name = "", deployment: Name = ""
) -> HTMLResponse:
    """Try a connection and say line by line what works."""
    connections = playground.services.connections
    connection = connections.get(name)
    result = await checks.check(connections.client(name), connection, deployment.strip())
    await connections.learn(name, is_urgent=connection.is_remote)
    return HTMLResponse(_result(playground, session, name, result))


@router.post("/connections/models", dependencies=[Depends(get_owner)])
async def use_models(
    session: SessionDep, playground: PlaygroundDep, name: Name = "", deployments: Name = ""
) -> HTMLResponse:
    """Let the built-in engine use the service's models, and begin a chat there."""
    named = [part.strip() for part in deployments.split(",") if part.strip()]
    try:
        await book_of(playground.services).serve_models(name, named)
    except InvalidRequest as error:
        return HTMLResponse(_offer(playground, session, name, error.message))
    return _go(playground, await playground.begin())


@router.post("/connection")
async def switch_connection(session: SessionDep, playground: PlaygroundDep, name: Name = "") -> HTMLResponse:
    """Begin a new thread on another connection; where that fails, say why in the sheet and stay."""
    if name == session.connection.name:
        return HTMLResponse("", headers={"HX-Reswap": "none"})
    try:
        return _go(playground, await playground.begin(name))
    except AppError as error:
        return HTMLResponse(_failure(playground, session, name, error.message), headers=_TO_SHEET)


def _list(
    playground: Playground,
    session: Session,
    *,
    is_owner: bool,
    note: str = "",
    fields: ConnectionFields | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    context: dict[str, object] = {"chat_id": session.chat.id, "resource": resource_view(playground, session)}
    content = playground.renderer.render(
        "parts/connections/list.html",
        connections=[connection_view(each, session.connection.name) for each in playground.services.connections.all],
        fields=fields or ConnectionFields(),
        errors=errors or {},
        is_owner=is_owner and playground.services.book is not None,
        signs_in=playground.services.door is not None,
        note=note,
        **context,
    )
    content += playground.renderer.partials([("#resource", "outerHTML", "parts/connections/resource.html")], **context)
    return HTMLResponse(content, headers={"Cache-Control": "no-store"})


def _result(playground: Playground, session: Session, name: str, result: checks.CheckResult) -> str:
    return playground.renderer.render(
        "parts/connections/result.html",
        result=result,
        connection=connection_view(playground.services.connections.get(name), session.connection.name),
        reason="",
        chat_id=session.chat.id,
    )


def _offer(playground: Playground, session: Session, name: str, reason: str) -> str:
    connection = connection_view(playground.services.connections.get(name), session.connection.name)
    return playground.renderer.render(
        "parts/connections/offer.html", connection=connection, reason=reason, chat_id=session.chat.id
    )


def _failure(playground: Playground, session: Session, name: str, message: str) -> str:
    connection = connection_view(playground.services.connections.get(name), session.connection.name)
    return playground.renderer.render(
        "parts/connections/failure.html",
        connection=connection,
        message=message,
        is_switched_off=message == SHUT_DOWN,
        reason="",
        chat_id=session.chat.id,
    )


def _go(playground: Playground, session: Session) -> HTMLResponse:
    address = playground.renderer.path("show_chat", chat_id=session.chat.id)
    return HTMLResponse("", headers={"HX-Redirect": address})
