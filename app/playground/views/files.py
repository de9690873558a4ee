"""Values of lists of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.playground.files.file_facts import FileFacts
    from app.playground.files.file_uses import Use
    from app.playground.views.stores import StoreFilesView, StoreView


@dataclass(frozen=True, slots=True)
class UseOption:
    """A use that a file may be put to."""

    id: Use
    label: str


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that waits in the composer."""

    file: FileFacts
    uses: tuple[UseOption, ...]
    chosen: Use


@dataclass(frozen=True, slots=True)
class ThreadFilesView:
    """The files of a thread by what they are there for."""

    for_code: tuple[FileFacts, ...]
    attached: tuple[tuple[FileFacts, str], ...]
    """Files that came with messages, each with what it was attached for."""
    made: tuple[FileFacts, ...]
    store: StoreView | None = None
    searched: StoreFilesView | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.for_code or self.attached or self.made or self.store)
