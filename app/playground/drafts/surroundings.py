"""What a draft needs to know of the page to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a draft needs to know to be shown: assistants' names, and the address of a file."""

    names: Mapping[str, str]
    file_url: Callable[[str], str]
