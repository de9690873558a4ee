"""Gathers the list of threads: from the service where it lists them, else those that this page has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.connections import extensions
from app.connections.extensions import ThreadPage, ThreadSummary
from app.connections.principal import current_person
from app.journal.entry import LOCAL
from app.playground.views.threads import ThreadsView, thread_view

if TYPE_CHECKING:
    from app.playground.playground import Playground
    from app.playground.session import Session
    from app.playground.views.threads import ThreadView

_PAGE: Final = 30
_MOST_CHATS: Final = 300
_OPENED_HERE: Final = "This service does not list its threads. These are the ones that were opened on this page."
_SHARED: Final = "Others use this service with the same key. These are the threads that you opened on this page."


async def threads_view(playground: Playground, session: Session, query: str, after: str) -> ThreadsView:
    """Return one page of threads; given titles are searched as well as messages."""
    if _is_shared(session) or (not session.has_extensions and (query or not session.abilities.lists_threads)):
        return await _opened_here(playground, session, query)
    if not session.has_extensions:
        return await _without_titles(playground, session, after)
    with session.calls():
        page = await extensions.list_threads(session.client, query=query, after=after, limit=_PAGE)
    named = await _named(playground, session, query) if query and not after else []
    found = {thread.id for thread in named}
    threads = [*named, *(thread for thread in page.data if thread.id not in found)]
    more = page.data[-1].id if page.has_more else ""
    return ThreadsView(await _rows(playground, session, threads), query, more)


def _is_shared(session: Session) -> bool:
    """Tell whether other people come to the service with the same key: what it lists is not one person's own."""
    return session.connection.is_remote and current_person() != LOCAL


async def one_thread(playground: Playground, session: Session, thread_id: str) -> ThreadView:
    """Return the row of one thread, as after it was renamed."""
    if session.has_extensions and not _is_shared(session):
        with session.calls():
            page = await extensions.list_threads(session.client, query=thread_id, after="", limit=_PAGE)
    else:
        page = ThreadPage(data=[], has_more=False)
    found = [thread for thread in page.data if thread.id == thread_id]
    (row,) = await _rows(playground, session, found or [await _plain(session, thread_id)])
    return row


async def _rows(playground: Playground, session: Session, threads: list[ThreadSummary]) -> tuple[ThreadView, ...]:
    titles = await playground.services.titles.of_threads(session.chat.connection, [thread.id for thread in threads])
    names = session.conversation.names
    return tuple(
        thread_view(thread, title=titles.get(thread.id), names=names, current_id=session.thread_id)
        for thread in threads
    )


async def _named(playground: Playground, session: Session, query: str) -> list[ThreadSummary]:
    """Return the threads whose given title holds the text."""
    titles = await playground.services.titles.search(session.chat.connection, query, _PAGE)
    found = []
    for thread_id in titles:
        with session.calls():
            page = await extensions.list_threads(session.client, query=thread_id, after="", limit=1)
        found += [thread for thread in page.data if thread.id == thread_id]
    return found


async def _opened_here(playground: Playground, session: Session, query: str) -> ThreadsView:
    chats = await playground.services.chats.with_threads(session.chat.connection, _MOST_CHATS)
    ids = {chat.thread_id or "": chat for chat in chats}
    titles = await playground.services.titles.of_threads(session.chat.connection, list(ids))
    threads = [
        ThreadSummary(id=thread_id, created_at=int(chat.created_at), title=thread_id)
        for thread_id, chat in ids.items()
        if query.casefold() in f"{titles.get(thread_id, '')} {thread_id}".casefold()
    ]
    return ThreadsView(
        await _rows(playground, session, threads), query, note=_SHARED if _is_shared(session) else _OPENED_HERE
    )


async def _without_titles(playground: Playground, session: Session, after: str) -> ThreadsView:
    with session.calls():
        page = await extensions.list_plain_threads(session.client, after=after, limit=_PAGE)
    threads = [thread.model_copy(update={"title": thread.title or thread.id}) for thread in page.data]
    more = page.data[-1].id if page.has_more and page.data else ""
    return ThreadsView(await _rows(playground, session, threads), "", more)


async def _plain(session: Session, thread_id: str) -> ThreadSummary:
    with session.calls():
        thread = await session.client.beta.threads.retrieve(thread_id)
    return ThreadSummary(id=thread.id, created_at=thread.created_at, title=thread.id)


async def last_assistant_id(session: Session, thread_id: str) -> str | None:
    """Return the assistant of the thread's newest run, or the chosen one; raises `NotFound` for an unknown thread."""
    with session.calls():
        runs = await session.client.beta.threads.runs.list(thread_id, order="desc", limit=1)
    return runs.data[0].assistant_id if runs.data else session.chat.assistant_id
