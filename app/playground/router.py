"""The page's routes, assembled, with the lifespan of what runs behind them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter

from app.playground import events, sharing
from app.playground.assets import static_router
from app.playground.calls.call_routes import router as call_routes
from app.playground.chat import chat, messages, run_options, starting
from app.playground.chat.watchers import Watchers
from app.playground.code import routes as code
from app.playground.connections import move
from app.playground.connections import routes as connections
from app.playground.connections.moving import RunningMoves
from app.playground.files import file_routes
from app.playground.logs import logs, prompt
from app.playground.playground import Playground
from app.playground.rendering import Renderer
from app.playground.setup import assistant_exchange, functions, setup
from app.playground.shared import links, reading
from app.playground.sign_in import account, limits
from app.playground.sign_in.routes import router as sign_in_routes
from app.playground.text import json_fields
from app.playground.threads import chats, export, import_thread, threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

    from app.playground.services import PlaygroundServices


_PARTS: Final = (
    chats.router,
    setup.router,
    starting.router,
    chat.router,
    events.router,
    file_routes.router,
    assistant_exchange.router,
    functions.router,
    json_fields.router,
    messages.router,
    threads.router,
    run_options.router,
    logs.router,
    sharing.router,
    code.router,
    export.router,
    import_thread.router,
    prompt.router,
    connections.router,
    move.router,
    call_routes,
    sign_in_routes,
    account.router,
    limits.router,
    links.router,
    reading.router,
)


def build_playground(services: PlaygroundServices) -> APIRouter:
    """Return the router of the whole page; its lifespan ends the watchers, not the runs that they watch."""

    @asynccontextmanager
    async def lifespan(_app: ASGIApp) -> AsyncIterator[dict[str, Playground]]:
        renderer = Renderer(services.templates_dir, services.static_dir, path)
        async with asyncio.TaskGroup() as tasks:
            watchers, movers = Watchers(tasks), RunningMoves(tasks)
            yield {"playground": Playground(services, renderer, watchers, movers)}
            watchers.close()
            movers.close()

    router = APIRouter(lifespan=lifespan)
    for part in _PARTS:
        router.include_router(part)
    router.include_router(static_router(services.static_dir))

    def path(name: str, **values: str) -> str:
        return str(router.url_path_for(name, **values))

    return router
