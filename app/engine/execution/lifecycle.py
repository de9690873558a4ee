"""The run's state machine: which status may follow which, as pure data."""

from __future__ import annotations

from app.wire.runs import RunStatus

TRANSITIONS: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.QUEUED: frozenset(
        {
            RunStatus.IN_PROGRESS,
            RunStatus.CANCELLING,
            RunStatus.CANCELLED,
            RunStatus.FAILED,
            RunStatus.EXPIRED,
        }
    ),
    RunStatus.IN_PROGRESS: frozenset(
        {
            RunStatus.QUEUED,  # Its worker stops and hands it over.
            RunStatus.REQUIRES_ACTION,
            RunStatus.CANCELLING,
            RunStatus.COMPLETED,
            RunStatus.INCOMPLETE,
            RunStatus.FAILED,
            RunStatus.EXPIRED,
        }
    ),
    RunStatus.REQUIRES_ACTION: frozenset(
        {RunStatus.QUEUED, RunStatus.CANCELLING, RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.EXPIRED}
    ),
    RunStatus.CANCELLING: frozenset({RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.EXPIRED}),
    RunStatus.CANCELLED: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.COMPLETED: frozenset(),
    RunStatus.INCOMPLETE: frozenset(),
    RunStatus.EXPIRED: frozenset(),
}

ACTIVE = frozenset(status for status, following in TRANSITIONS.items() if following)
"""A run in one of these holds its thread's lock."""


def is_terminal(status: RunStatus) -> bool:
    """Whether nothing can follow."""
    return status not in ACTIVE


def may_come_from(status: RunStatus) -> frozenset[RunStatus]:
    """Return every status from which a run may move to `status`."""
    return frozenset(before for before, following in TRANSITIONS.items() if status in following)
