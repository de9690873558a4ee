"""Lists with cursors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, TypeVar

from app.wire.base import WireModel


class Listed(WireModel):
    """Anything that a cursor can point at."""

    id: str


Item = TypeVar("Item", bound=Listed)


class Page(WireModel, Generic[Item]):
    """One page of a list; `first_id` and `last_id` are null on an empty page."""

    object: Literal["list"] = "list"
    data: list[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool


def page_of(items: Sequence[Item], limit: int) -> Page[Item]:
    """Build a page from up to `limit` + 1 items: one too many says that there are more."""
    data = list(items[:limit])
    return Page(
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=len(items) > limit,
    )
