"""The page's running state: its chat sessions' conversations and the watchers of their runs."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from app.playground.chat.conversation import Conversation
from app.playground.session import Session

if TYPE_CHECKING:
    from app.journal.chats import Chat
    from app.playground.chat.watchers import Watchers
    from app.playground.connections.moving import RunningMoves
    from app.playground.rendering import Renderer
    from app.playground.services import PlaygroundServices

_KEPT_CONVERSATIONS: Final = 100


class Playground:
    """One for the whole process, from start to shutdown."""

    def __init__(
        self, services: PlaygroundServices, renderer: Renderer, watchers: Watchers, movers: RunningMoves
    ) -> None:
        self.services = services
        self.renderer = renderer
        self.watchers = watchers
        self.movers = movers
        self._conversations: WeakValueDictionary[str, Conversation] = WeakValueDictionary()
        self._recent: deque[Conversation] = deque(maxlen=_KEPT_CONVERSATIONS)

    async def session(self, chat_id: str) -> Session:
        """Return the chat session of that id, or raise `NotFound`."""
        chat = await self.services.chats.get(chat_id)
        await self.services.connections.learn(chat.connection)
        return self._session(chat)

    async def begin(self, connection: str = "") -> Session:
        """Begin a chat session with a new thread on the connection of that name, or on the first one."""
        connections = self.services.connections
        name = connections.get(connection or connections.names[0]).name
        await connections.learn(name)
        return await self.begin_thread(self._session(await self.services.chats.create(name)))

    async def begin_thread(self, session: Session) -> Session:
        """Give the session a new thread and an empty conversation."""
        with session.calls():
            thread = await session.client.beta.threads.create()
        chat = await self.services.chats.update(session.chat.id, thread_id=thread.id)
        session.conversation.replace(thread.id, [], [])
        return self._session(chat)

    async def open_thread(self, session: Session, thread_id: str, assistant_id: str | None) -> Session:
        """Return a session that shows the thread: the one that showed it last, or a new one."""
        chats, connection = self.services.chats, session.chat.connection
        chat = await chats.of_thread(connection, thread_id)
        return self._session(chat or await chats.create(connection, assistant_id, thread_id))

    async def choose(self, session: Session, assistant_id: str | None) -> Session:
        """Make the assistant the one that the session talks with."""
        return self._session(await self.services.chats.update(session.chat.id, assistant_id=assistant_id))

    async def keep_run_options(self, session: Session, options: dict[str, Any]) -> Session:
        """Let the session's next runs override the assistant so."""
        return self._session(await self.services.chats.update(session.chat.id, run_options=options))

    def _session(self, chat: Chat) -> Session:
        conversation = self._conversations.get(chat.id)
        if conversation is None:
            conversation = self._conversations[chat.id] = Conversation()
        conversation.assistant_id = chat.assistant_id
        if conversation not in self._recent:
            self._recent.append(conversation)
        services = self.services
        connections, name = services.connections, chat.connection
        client, connection, abilities = connections.client(name), connections.get(name), connections.abilities(name)
        return Session(
            chat, client, conversation, services.journal, services.mocks, services.outputs, connection, abilities
        )
