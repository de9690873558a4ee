"""Whether the server sends traces: the standard variables name a collector, and what sends them is installed."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from opentelemetry.trace import TracerProvider

from app.engine.tracer import NoTracer, Tracer

_log = logging.getLogger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def tracing(environment: Mapping[str, str]) -> tuple[Tracer, TracerProvider | None]:
    """Return the engine's tracer and what makes the spans of requests; nothing is imported unless it is asked for."""
    if not _is_asked_for(environment):
        return NoTracer(), None
    try:
        from app.spans import Spans  # noqa: PLC0415  Only who sends traces pays for it.

        spans = Spans()
    except ModuleNotFoundError as missing:
        _log.warning("No traces are sent: %s is missing. Install it by `make install-telemetry`.", missing.name)
    except (ValueError, RuntimeError) as error:
        _log.warning("No traces are sent: an OTEL_* variable can't be used. %s", error)
    else:
        return spans, spans.provider
    return NoTracer(), None


def _is_asked_for(environment: Mapping[str, str]) -> bool:
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    is_off = is_off or environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
    return not is_off and any(environment.get(name) for name in _ENDPOINTS)
