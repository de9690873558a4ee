"""What handlers ask for: the running page, and the chat session that the address names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.playground.playground import Playground
from app.playground.session import Session


def get_playground(request: HTTPConnection) -> Playground:
    """Return the page's running state, which the router's lifespan put there."""
    playground: Playground = request.state.playground
    return playground


PlaygroundDep = Annotated[Playground, Depends(get_playground)]


async def get_session(chat_id: str, playground: PlaygroundDep, request: HTTPConnection) -> Session:
    """Return the chat session, or raise `NotFound`; who answers a failure knows the session's connection."""
    session = await playground.session(chat_id)
    request.state.connection = session.connection
    return session


SessionDep = Annotated[Session, Depends(get_session)]


def server_address(request: Request) -> str:
    """Return this server's address as the browser knows it."""
    return str(request.base_url).rstrip("/")


AddressDep = Annotated[str, Depends(server_address)]
