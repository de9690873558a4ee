"""What the engine counts and times while it works, in Prometheus' terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.wire.runs import Run

_FIRST_TOKEN_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TOOL_SECONDS: Final = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120)


class Meter:
    """One for each engine, with a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ended = Counter("playground_runs_ended", "Runs that ended.", ["status"], registry=self.registry)
        self._tokens = Counter("playground_tokens", "Tokens that runs used.", ["kind"], registry=self.registry)
        self._first_token = Histogram(
            "playground_first_token_seconds",
            "Time from a request to a model to its first word or call.",
            buckets=_FIRST_TOKEN_SECONDS,
            registry=self.registry,
        )
        self._tool = Histogram(
            "playground_tool_seconds", "Time of tool calls.", ["tool"], buckets=_TOOL_SECONDS, registry=self.registry
        )
        self._active = Gauge("playground_runs_active", "Runs by their state.", ["status"], registry=self.registry)
        self._streams = Gauge("playground_run_streams", "Runs whose events are kept here.", registry=self.registry)
        self._sessions = Gauge(
            "playground_sandbox_sessions", "Sessions of the code interpreter.", registry=self.registry
        )

    def count_end(self, run: Run) -> None:
        """Count a run that ended, and its tokens."""
        self._ended.labels(run.status).inc()
        if run.usage is not None:
            self._tokens.labels("prompt").inc(run.usage.prompt_tokens)
            self._tokens.labels("completion").inc(run.usage.completion_tokens)

    def note_first_token(self, seconds: float) -> None:
        """Note how long a model took to begin its answer."""
        self._first_token.observe(seconds)

    @contextmanager
    def timed(self, tool: str) -> Iterator[None]:
        """Time a tool call, whatever comes of it."""
        began = perf_counter()
        try:
            yield
        finally:
            self._tool.labels(tool).observe(perf_counter() - began)

    def show(self, active: dict[str, int], streams: int, sessions: int) -> None:
        """Take what is true now, for the next reading."""
        self._active.clear()
        for status, count in active.items():
            self._active.labels(status).set(count)
        self._streams.set(streams)
        self._sessions.set(sessions)
