"""Whether the team may use an object, which is an extension."""

from __future__ import annotations

from typing import Literal

from app.wire.base import RequestModel, WireModel


class Sharing(WireModel):
    """Whose an object is, and whether everybody may use it; only its owner may change it."""

    id: str
    object: Literal["sharing"] = "sharing"
    is_shared: bool
    is_own: bool
    owner_id: str
    """Empty where nobody signs in."""


class ModifySharing(RequestModel):
    """Share an object with everybody who signs in, or with nobody."""

    is_shared: bool
