"""Values of vector stores and of the files in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from app.playground.files.file_facts import plain_name, printable, size_text

if TYPE_CHECKING:
    from app.connections.types import FoundPassage, VectorStore, VectorStoreFile
    from app.playground.files.file_facts import FileFacts
    from app.playground.views.chat import Tone

_STATES: Final[dict[str, tuple[str, Tone]]] = {
    "in_progress": ("Reading", ""),
    "completed": ("Ready", "good"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "warn"),
}
_LIFETIMES: Final = (1, 7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class StoreView:
    """A vector store; one that cannot be read has a `problem`."""

    id: str
    name: str
    state: str = ""
    tone: Tone = ""
    size: str = ""
    files: int = 0
    failed: int = 0
    is_moving: bool = False
    created: str = ""
    expires: str = ""
    lifetime_days: int = 0
    problem: str = ""

    @property
    def lifetimes(self) -> list[int]:
        """The choices of days after which an unused store expires; 0 stands for never."""
        return sorted({0, *_LIFETIMES, self.lifetime_days})


@dataclass(frozen=True, slots=True)
class StoreFileView:
    """A file in a store, with how far its reading is."""

    file: FileFacts
    state: str
    tone: Tone
    is_moving: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class StoreFilesView:
    """One page of a store's files."""

    files: tuple[StoreFileView, ...]
    status: Literal["", "in_progress", "completed", "failed", "cancelled"] = ""
    after: str = ""
    next_after: str = ""
    next_round: int = 0
    """The number of the next look at a list that still moves; 0 when there is none."""
    is_moving: bool = False


@dataclass(frozen=True, slots=True)
class FoundView:
    """A passage that a trial search found."""

    name: str
    score: str
    text: str


def store_view(store: VectorStore) -> StoreView:
    """Return a store as the page shows it."""
    counts = store.file_counts
    state, tone = _store_state(store)
    return StoreView(
        id=store.id,
        name=printable(store.name or "") or "Unnamed store",
        state=state,
        tone=tone,
        size=size_text(store.usage_bytes),
        files=counts.total,
        failed=counts.failed,
        is_moving=counts.in_progress > 0,
        created=_day(store.created_at),
        expires=_day(store.expires_at) if store.expires_at else "",
        lifetime_days=store.expires_after.days if store.expires_after else 0,
    )


def store_file_view(file: VectorStoreFile, facts: FileFacts) -> StoreFileView:
    """Return a file of a store as the page shows it."""
    state, tone = _STATES.get(file.status, (file.status, ""))
    error = file.last_error.message if file.last_error else ""
    return StoreFileView(facts, state, tone, file.status == "in_progress", error)


def found_view(found: FoundPassage) -> FoundView:
    """Return a passage of a trial search."""
    text = "\n".join(part.text for part in found.content)
    return FoundView(plain_name(found.filename), f"{found.score:.2f}", text)


def matches(store: VectorStore, words: str) -> bool:
    """Tell whether the store's name or id contains all the words."""
    text = f"{store.name or ''} {store.id}".lower()
    return all(word in text for word in words.lower().split())


def missing_store(store_id: str, problem: str) -> StoreView:
    """Return a store that is named but cannot be read."""
    return StoreView(store_id, store_id, "Not found", "bad", problem=problem)


def _store_state(store: VectorStore) -> tuple[str, Tone]:
    counts = store.file_counts
    if store.status == "expired":
        return "Expired", "warn"
    if counts.in_progress:
        return f"Reading {counts.in_progress} of {counts.total}", ""
    if counts.failed:
        return f"{counts.failed} failed", "bad"
    return ("Ready", "good") if counts.total else ("Empty", "")


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")
