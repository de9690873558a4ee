"""The engine's parts, as every rule and the worker receive them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.clock import Clock
from app.database import Database
from app.engine.allowance import Allowance
from app.engine.bell import Bell
from app.engine.execution.hub import Hub
from app.engine.execution.inbox import Inbox
from app.engine.meter import Meter
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.engine.tools.code_interpreter.port import CodeInterpreter
from app.engine.tools.file_search.vectors import VectorIndex
from app.engine.tracer import NoTracer, Tracer
from app.ids import IdMaker


@dataclass(frozen=True, slots=True)
class Engine:
    """The embedded Assistants service."""

    database: Database
    blobs: Blobs
    models: Catalogue
    interpreter: CodeInterpreter
    clock: Clock
    ids: IdMaker
    hub: Hub = field(default_factory=Hub)
    inbox: Inbox = field(default_factory=Inbox)
    files_waiting: Bell = field(default_factory=Bell)
    meter: Meter = field(default_factory=Meter)
    tracer: Tracer = field(default_factory=NoTracer)
    files_read: Bell = field(default_factory=Bell)
    vectors: VectorIndex | None = None
    """None where file search goes by words alone."""
    allowance: Allowance = field(default_factory=Allowance)
    """What each person may take."""
    most_runs: int = 256
    """How many runs are carried out at once; more wait, and people take turns."""
    prompt_days: float = 30.0
    """How long a run's prompt view is kept; 0: nothing is recorded."""

    def for_person(self, person_id: str) -> Engine:
        """Return the engine as one person sees it: without what belongs to others and is not shared."""
        return replace(self, database=self.database.for_caller(person_id))

    def now(self) -> int:
        """Return the time in whole seconds since 1970, as the API writes it."""
        return int(self.clock.now())
