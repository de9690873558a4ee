"""Calls of what our API adds to the hosted one: threads listed and forked, messages edited, objects shared, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai import BaseModel

from app.connections.types import Message, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai._types import RequestOptions

    from app.connections.types import Client, MessagePart

_HEADERS: Final = {"OpenAI-Beta": "assistants=v2"}


class LastRun(BaseModel):
    """The newest run of a listed thread."""

    id: str
    status: str
    assistant_id: str


class ThreadSummary(BaseModel):
    """A listed thread."""

    id: str
    created_at: int
    title: str | None = None
    last_run: LastRun | None = None
    metadata: dict[str, str] | None = None


class ThreadPage(BaseModel):
    """One page of the list of threads."""

    data: list[ThreadSummary]
    has_more: bool


async def list_threads(client: Client, *, query: str, after: str, limit: int) -> ThreadPage:
    """Return threads that hold a message, newest first; with a query those where one holds that text."""
    given = {"query": query, "after": after}
    params = {"has_messages": "true", "limit": str(limit), **{name: text for name, text in given.items() if text}}
    options: RequestOptions = {"headers": _HEADERS, "params": params}
    return await client.get("/threads", cast_to=ThreadPage, options=options)


async def list_plain_threads(client: Client, *, after: str, limit: int) -> ThreadPage:
    """Return threads as a Foundry project lists them: newest first, without titles."""
    params = {"limit": str(limit), "order": "desc", **({"after": after} if after else {})}
    return await client.get("/threads", cast_to=ThreadPage, options={"params": params})


async def fork_thread(client: Client, thread_id: str, message_id: str | None) -> Thread:
    """Copy a thread, or what is up to the message, and return the new one."""
    body = {"message_id": message_id}
    return await client.post(f"/threads/{thread_id}/fork", cast_to=Thread, body=body, options={"headers": _HEADERS})


async def edit_message(client: Client, thread_id: str, message_id: str, content: Sequence[MessagePart]) -> Message:
    """Change what a user's message says."""
    return await client.beta.threads.messages.update(
        message_id, thread_id=thread_id, extra_body={"content": list(content)}
    )


class Sharing(BaseModel):
    """Whose an assistant or store is, and whether everybody may use it."""

    is_shared: bool
    is_own: bool
    owner_id: str


async def sharing_of(client: Client, path: str) -> Sharing:
    """Return the sharing of the object at a path, such as `/assistants/asst_1`."""
    return await client.get(f"{path}/sharing", cast_to=Sharing, options={"headers": _HEADERS})


async def share(client: Client, path: str, *, is_shared: bool) -> Sharing:
    """Share the object at a path with everybody who signs in, or with nobody."""
    return await client.post(
        f"{path}/sharing", cast_to=Sharing, body={"is_shared": is_shared}, options={"headers": _HEADERS}
    )


class Taken(BaseModel):
    """What is taken of one thing."""

    used: int
    limit: int | None = None


class Limits(BaseModel):
    """What the caller may take of the server, and takes now."""

    runs_at_once: Taken
    runs_per_minute: Taken
    storage_bytes: Taken
    largest_upload_bytes: int


async def limits_of(client: Client) -> Limits:
    """Return the limits that hold for who asks."""
    return await client.get("/limits", cast_to=Limits, options={"headers": _HEADERS})
