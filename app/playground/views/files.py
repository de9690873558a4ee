"""Values of lists of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.playground.file_facts import FileFacts
    from app.playground.file_uses import Use


@dataclass(frozen=True, slots=True)
class UseOption:
    """A use that a file may be put to."""

    id: Use
    label: str


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that waits in the composer; the first use is chosen."""

    file: FileFacts
    uses: tuple[UseOption, ...]
    chosen: Use | None = None
    is_ours: bool = False
    """Whether the composer uploaded it, so that nothing else needs it when it is removed."""
