"""The page over the real engine, with a scripted model and interpreter, under uvicorn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from app.api.application import create_api
from app.api.program_runs import ProgramRuns
from app.clock import SystemClock
from app.connections.book import ConnectionBook
from app.connections.clients import Connections
from app.connections.connection import BUILT_IN, Connection
from app.connections.vault import Vault
from app.database import Database
from app.engine.engine import Engine
from app.engine.execution.worker import Worker
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.engine.tools.file_search.ingester import Ingester
from app.ids import RandomIds
from app.journal.call_outputs import CallOutputs
from app.journal.chats import Chats
from app.journal.connections import KeptConnections
from app.journal.entry import LOCAL
from app.journal.journal import Journal
from app.journal.mocks import Mocks
from app.journal.moves import Moves
from app.journal.programs import ProgramJournal
from app.journal.titles import Titles
from app.journal.waiting_files import WaitingFiles
from app.main import PathSwitch
from app.playground.chat.costs import Prices
from app.playground.facts import SandboxFacts, ServerFacts, WeightsFacts
from app.playground.router import build_playground
from app.playground.services import PlaygroundServices
from tests.databases import migrated_database
from tests.doubles.flaky_app import FlakyApp
from tests.doubles.interpreter import ScriptedInterpreter
from tests.doubles.models import ScriptedModel, ScriptedProvider
from tests.live import serve
from tests.playground.visitor import Visitor


@dataclass(slots=True)
class House:
    """What tests may script and look at behind the page."""

    database: Database
    blobs: Path
    provider: ScriptedProvider = field(default_factory=ScriptedProvider)
    interpreter: ScriptedInterpreter = field(default_factory=ScriptedInterpreter)
    facts: ServerFacts = field(default_factory=lambda: ServerFacts(SandboxFacts("namespaces"), WeightsFacts("off")))
    prices: Prices = field(default_factory=Prices)
    has_extensions: bool = True
    """Whether the page treats the API as ours, or as a service that has nothing of its own."""
    remotes: tuple[Connection, ...] = ()
    """Further connections, as settings would name them."""
    api_keys: tuple[SecretStr, ...] = ()
    served: list[str] = field(default_factory=list)
    """Connections whose models the engine was given."""
    api: FlakyApp | None = None

    @property
    def model(self) -> ScriptedModel:
        return self.provider.model

    @property
    def flaky(self) -> FlakyApp:
        assert self.api is not None
        return self.api

    @contextmanager
    def restarted(self, visitor: Visitor) -> Iterator[Visitor]:
        """Serve the program built anew, and come to it as the same person."""
        with serve(self.build()) as url, Visitor(url) as again:
            again.chat = visitor.chat
            yield again

    def build(self) -> ASGIApp:
        """Build the program anew, as a restart would; the database stays."""
        clock = SystemClock()
        engine = Engine(
            database=self.database,
            blobs=Blobs(self.blobs),
            models=Catalogue([self.provider]),
            interpreter=self.interpreter,
            clock=clock,
            ids=RandomIds(),
        )
        journal = Journal(self.database, clock)
        programs = ProgramRuns(engine, ProgramJournal(journal, clock))
        self.api = FlakyApp(create_api(engine, self.api_keys, programs=programs))
        built_in = replace(BUILT_IN, has_extensions=self.has_extensions)
        connections = Connections([built_in, *self.remotes], engine_app=self.api)
        kept, vault = KeptConnections(self.database, clock), Vault(self.blobs.parent)
        book = ConnectionBook(connections, kept, vault, lambda connection: self.served.append(connection.name))

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            await book.load()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(Worker(engine).work)
                tasks.start_soon(programs.work)
                tasks.start_soon(Ingester(engine).work)
                yield
                tasks.cancel_scope.cancel()
            await connections.aclose()

        pages = FastAPI(lifespan=lifespan)
        services = PlaygroundServices(
            connections,
            journal,
            Chats(self.database, clock),
            Titles(self.database),
            lambda: self.facts,
            Mocks(self.database, clock),
            CallOutputs(self.database, clock),
            WaitingFiles(self.database, clock),
            self.prices,
            book=book,
            moves=Moves(self.database, clock, lambda: LOCAL),
        )
        pages.include_router(build_playground(services))
        return PathSwitch(self.api, pages)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with migrated_database("sqlite", tmp_path) as url:
        database = Database(url)
        yield House(database, tmp_path / "files")
        asyncio.run(database.aclose())


@pytest.fixture
def visitor(house: House) -> Iterator[Visitor]:
    """Come to the page for the first time."""
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        yield visitor
