"""What the sheet of a function's mocks shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class MockView:
    """One mock in the list."""

    id: str
    conditions: tuple[str, ...]
    output: Markup
    fits: bool
    """Whether it is the one that answers the call that the list was opened from."""
    is_shared: bool = False
    owner_name: str = ""
    """Who shares it, unless it is one's own."""


@dataclass(frozen=True, slots=True)
class MocksView:
    """All mocks of a function."""

    function: str
    call_id: str
    """The call that waits for an output, if the list was opened from one."""
    is_automatic: bool
    mocks: Sequence[MockView]
    can_share: bool = False
    """Whether there are others to share with."""


@dataclass(frozen=True, slots=True)
class MockEditorView:
    """One mock as it is edited; without an id it is a new one."""

    function: str
    call_id: str
    mock_id: str
    conditions: str
    output: str
    errors: Mapping[str, str] = field(default_factory=dict)
