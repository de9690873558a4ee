"""A collector of traces: takes OTLP over HTTP as a real one does, and keeps what came."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class KeptSpan:
    """One span, in words."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: int
    is_error: bool
    attributes: dict[str, object]
    service: dict[str, object]

    @property
    def context(self) -> str:
        """The span as a `traceparent` header names it."""
        return f"00-{self.trace_id}-{self.span_id}-01"


@dataclass(slots=True)
class Collector:
    """The application, and what it was sent."""

    spans: list[KeptSpan] = field(default_factory=list)
    raw: bytes = b""
    status: int = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.raw += body
        for part in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _values(part.resource.attributes)
            self.spans += [
                KeptSpan(
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    kind=span.kind,
                    is_error=span.status.code == span.status.STATUS_CODE_ERROR,
                    attributes=_values(span.attributes),
                    service=service,
                )
                for scoped in part.scope_spans
                for span in scoped.spans
            ]
        await Response(status_code=self.status if request.url.path == "/v1/traces" else 404)(scope, receive, send)

    def wait_for(self, wanted: Callable[[KeptSpan], bool], count: int = 1) -> list[KeptSpan]:
        """Wait until so many spans of a kind arrived; return them in the order of their arrival."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if len(found := [span for span in self.spans if wanted(span)]) >= count:
                return found
            time.sleep(0.05)
        raise TimeoutError([span.name for span in self.spans])


def _values(attributes: list[KeyValue]) -> dict[str, object]:
    return {each.key: _value(each) for each in attributes}


def _value(attribute: KeyValue) -> object:
    kind = attribute.value.WhichOneof("value")
    if kind == "array_value":
        return [each.string_value for each in attribute.value.array_value.values]
    return getattr(attribute.value, kind or "string_value")
