"""What a draft needs to know of the page to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.playground.file_facts import FileFacts


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft needs to know to be shown: assistants' names, and the address and name of a file."""

    names: Mapping[str, str]
    file_url: Callable[[str], str]
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    """Names and sizes of the files that are known."""
    cited: frozenset[tuple[str, str]] = frozenset()
    """The passages that answers cite, as pairs of step and mark."""
