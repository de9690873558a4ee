"""Leases: which worker carries out a run, and until when its silence is believed.

A claim raises the run's fence number; every later write of that run checks it, so that a worker which was thought dead
can't write for a run that another one took over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from app.engine.execution.lifecycle import is_terminal
from app.engine.store import rows, tables
from app.engine.store.rows import Row
from app.wire.runs import Run, RunStatus

LEASE_SECONDS = 10.0
HEARTBEAT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run as it was queued, with the fence of who may carry it out."""

    run: Run
    fence: int
    log_fields: dict[str, str]
    traceparent: str | None


def claim_run(connection: Connection, run_id: str, owner: str, now: float) -> Claimed | None:
    """Take a queued run, which is in progress from then on.

    None means that it is not there to be taken.
    """
    runs = tables.runs
    row = rows.get_row(connection, runs, run_id)
    if row is None or row["status"] != RunStatus.QUEUED:
        return None
    started_at = row["started_at"] or int(now)
    query = (
        update(runs)
        .where(runs.c.id == run_id, runs.c.status == "queued", runs.c.fence == row["fence"])
        .values(
            status=str(RunStatus.IN_PROGRESS),
            started_at=started_at,
            lease_owner=owner,
            lease_until=now + LEASE_SECONDS,
            fence=row["fence"] + 1,
        )
    )
    if connection.execute(query).rowcount != 1:
        return None
    return Claimed(Run.model_validate(row), int(row["fence"]) + 1, log_fields_of(row), row["traceparent"])


def log_fields_of(row: Row) -> dict[str, str]:
    """Return what the lines of a run's log belong to."""
    named = {"run_id": row["id"], "request_id": row["request_id"], "person_id": row["begun_by"]}
    return {name: str(value) for name, value in named.items() if value}


def renew_leases(connection: Connection, owner: str, now: float) -> None:
    """Say that the owner still works on all its active runs."""
    connection.execute(
        update(tables.runs)
        .where(tables.runs.c.lease_owner == owner, tables.runs.c.status.in_(tables.ACTIVE_STATUSES))
        .values(lease_until=now + LEASE_SECONDS)
    )


def release_lease(connection: Connection, run_id: str, fence: int) -> None:
    """Let go of a run that waits for its caller or for another worker, so that it can be claimed again."""
    connection.execute(
        update(tables.runs)
        .where(tables.runs.c.id == run_id, tables.runs.c.fence == fence)
        .values(lease_owner=None, lease_until=None)
    )


def owner_of(connection: Connection, run_id: str) -> str:
    """Return whose run it is; nobody's where it is gone."""
    runs, threads = tables.runs, tables.threads
    query = select(threads.c.owner_id).join(runs, runs.c.thread_id == threads.c.id).where(runs.c.id == run_id)
    return str(connection.execute(query).scalar() or "")


def unattended_runs(connection: Connection, now: float) -> Sequence[Row]:
    """Return active runs that no worker holds any more: queued ones without a lease, others past it."""
    runs = tables.runs
    free = runs.c.lease_until.is_(None) | (runs.c.lease_until < now)
    query = select(runs).where(runs.c.status.in_(tables.ACTIVE_STATUSES), free).order_by(runs.c.seq)
    return connection.execute(query).mappings().all()


def take_over(connection: Connection, row: Row, owner: str, now: float) -> int | None:
    """Take a run whose worker is gone, to end it; return the new fence, None when another worker was quicker."""
    if is_terminal(RunStatus(row["status"])):
        return None
    fence = int(row["fence"]) + 1
    changes: dict[str, Any] = {"lease_owner": owner, "lease_until": now + LEASE_SECONDS, "fence": fence}
    taken = rows.update_row(connection, tables.runs, row["id"], changes, fence=row["fence"], status=row["status"])
    return fence if taken else None
