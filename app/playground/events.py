"""The page's one event stream: what it missed, then what happens, each frame with the journal number reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import anyio
from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from app.playground import panes
from app.playground.chat import transcript
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.frames import Frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

_PING_SECONDS: Final = 15
_SEND_SECONDS: Final = 30.0
_LAST_FRAME_SECONDS: Final = 4.0
_LONGEST_NUMBER: Final = 19
"""Digits, of what 64 bits hold."""


@router.get("/events")
async def follow_events(
    request: Request,
    session: SessionDep,
    playground: PlaygroundDep,
    after: Annotated[int, Query(ge=0, lt=10**18)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> EventSourceResponse:
    """Stream frames of what comes after `Last-Event-ID`, or after the number that the page was made with."""
    if session.conversation.thread_id != session.chat.thread_id:
        await panes.learn_names(session)
        await transcript.load(session)
        playground.watchers.resume(session)
    number = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < _LONGEST_NUMBER else after
    closing = anyio.Event()
    frames = Frames(playground, session, number, closing)
    return EventSourceResponse(
        _events(frames, getattr(request.state, "is_signed_in", _everybody)),
        ping=_PING_SECONDS,
        send_timeout=_SEND_SECONDS,
        shutdown_event=closing,
        shutdown_grace_period=_LAST_FRAME_SECONDS,
    )


async def _everybody() -> bool:
    return True


async def _events(frames: Frames, is_let_in: Callable[[], Awaitable[bool]]) -> AsyncIterator[ServerSentEvent]:
    async for frame in frames.follow(is_let_in):
        name = "announce" if frame.announcement else "logs" if frame.has_log_news else None
        yield ServerSentEvent(frame.announcement or frame.html or "new", event=name, id=str(frame.number))
