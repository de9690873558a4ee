"""API calls as the taps record them."""

from __future__ import annotations

from app.journal.exchange import Detail, Exchange, subjects

BEGAN_AT = 1_700_000_000.0


def call(
    call_id: str = "call",
    method: str = "POST",
    path: str = "/v1/threads",
    *,
    status: int | None = 200,
    body: str | None = None,
    answer: str | None = "{}",
    is_finished: bool = True,
    error: str | None = None,
    content_type: str = "application/json",
    marks: list[list[float]] | None = None,
) -> Exchange:
    """Make one."""
    thread_id, run_id = subjects(method, path, (answer or "").encode())
    return Exchange(
        id=call_id,
        method=method,
        path=path,
        began_at=BEGAN_AT,
        detail=Detail([["accept", "*/*"]], body, [["content-type", content_type]], answer, marks),
        status=status,
        duration_ms=12.0,
        request_id="req_1",
        is_finished=is_finished,
        error=error,
        thread_id=thread_id,
        run_id=run_id,
    )
