"""What the page needs from the rest of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from app.connections.clients import Connections
    from app.journal.call_outputs import CallOutputs
    from app.journal.chats import Chats
    from app.journal.journal import Journal
    from app.journal.mocks import Mocks
    from app.journal.titles import Titles
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
    prices: Prices
    door: Door | None = None
    """How people come in; None where nobody signs in."""
    templates_dir: Path = ROOT / "templates"
    static_dir: Path = ROOT / "static"
