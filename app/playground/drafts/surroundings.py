"""What a draft needs to know of the page to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.connections.types import Run
    from app.journal.call_outputs import CallOutput
    from app.playground.files.file_facts import FileFacts


def _no_cost(_run: Run) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft needs to know to be shown: assistants' names, and the address and name of a file."""

    names: Mapping[str, str]
    file_url: Callable[[str], str]
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    """Names and sizes of the files that are known."""
    outputs: Mapping[str, CallOutput] = field(default_factory=dict)
    """What is typed or was submitted for function calls, by their ids."""
    waiting: frozenset[str] = frozenset()
    """Ids of the calls that wait for their outputs."""
    active_runs: frozenset[str] = frozenset()
    mocked_runs: frozenset[str] = frozenset()
    """Ids of the runs that were given saved mock outputs."""
    cost: Callable[[Run], str] = _no_cost
    can_edit: bool = True
    """Whether the service lets users' messages be changed."""
    cited: frozenset[tuple[str, str]] = frozenset()
    """The passages that answers cite, as pairs of step and mark."""
