"""What the caller may take of the server, and takes now, which is an extension."""

from __future__ import annotations

from typing import Literal

from app.wire.base import WireModel


class Taken(WireModel):
    """What is taken of one thing; without a limit as much as one likes."""

    used: int
    limit: int | None = None


class Limits(WireModel):
    """The limits that hold for the caller; where nobody signs in, for everybody together."""

    object: Literal["limits"] = "limits"
    runs_at_once: Taken
    """Runs that are at work now."""
    runs_per_minute: Taken
    """Runs that began in the last minute; they are counted where people sign in, or a limit holds."""
    storage_bytes: Taken
    """What the caller's files take."""
    largest_upload_bytes: int
