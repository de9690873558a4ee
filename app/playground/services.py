"""What the page needs from the rest of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import Forbidden
from app.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from app.connections.book import ConnectionBook
    from app.connections.clients import Connections
    from app.journal.call_outputs import CallOutputs
    from app.journal.chats import Chats
    from app.journal.journal import Journal
    from app.journal.mocks import Mocks
    from app.journal.moves import Moves
    from app.journal.titles import Titles
    from app.journal.waiting_files import WaitingFiles
    from app.playground.chat.costs import Prices
    from app.playground.facts import FactsSource
    from app.playground.sign_in.door import Door


@dataclass(frozen=True, slots=True)
class PlaygroundServices:
    """The services that `main` supplies."""

    connections: Connections
    journal: Journal
    chats: Chats
    titles: Titles
    facts: FactsSource
    mocks: Mocks
    outputs: CallOutputs
    waiting_files: WaitingFiles
    prices: Prices
    book: ConnectionBook | None = None
    """What owners make of connections on the page; None where they can't."""
    moves: Moves | None = None
    """What was moved from other services; None where nothing can be."""
    door: Door | None = None
    """How people come in; None where nobody signs in."""
    templates_dir: Path = ROOT / "templates"
    static_dir: Path = ROOT / "static"


def book_of(services: PlaygroundServices) -> ConnectionBook:
    """Return what keeps connections, or raise `Forbidden` where none are kept."""
    if services.book is None:
        raise Forbidden("Connections of this server are made in its settings.")
    return services.book
