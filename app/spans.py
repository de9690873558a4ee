"""OpenTelemetry spans of requests, runs, model calls and tool calls, by the conventions for HTTP and generative AI.

Attributes are ids, names of models and numbers: never what people and models say, and never the text of an error.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from anyio import to_thread
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Span as AnySpan
from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.engine.models.port import ChatModel, ChatRequest, Finished, ModelEvent, ModelInfo, ToolKind
from app.errors import AppError
from app.log import current_log_fields
from app.redaction import path_without_secrets
from app.wire.runs import Run

_log = logging.getLogger(__name__)

_NAME: Final = "assistants-playground"
_FLUSH_SECONDS: Final = 2.0
_CONTEXT: Final = TraceContextTextMapPropagator()
_TOOL_TYPES: Final[Mapping[ToolKind, str]] = {"code_interpreter": "extension", "file_search": "datastore"}
_PROVIDERS: Final = {"Built-in model": "builtin", "Ollama": "ollama"}
_HIDDEN: Final = "REDACTED"


class Spans:
    """The engine's tracer; the API's framework makes the spans of requests with `provider`."""

    def __init__(self) -> None:
        named = Resource.create({"service.name": _NAME}).merge(OTELResourceDetector().detect())
        self.provider = TracerProvider(resource=named, shutdown_on_exit=False)
        self.provider.add_span_processor(_Batches(_Exporter()))
        self._tracer = self.provider.get_tracer(_NAME)

    def origin(self) -> str | None:
        """Return the trace that this task's request belongs to, as a `traceparent` header has it."""
        return _traceparent(get_current_span())

    @contextmanager
    def run(self, latest: Callable[[], Run], origin: str | None) -> Iterator[None]:
        """Follow a run inside the block: until it ends, waits for its caller, or is handed over."""
        run, fields = latest(), current_log_fields()
        known = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.id": run.assistant_id,
            "gen_ai.conversation.id": run.thread_id,
            "gen_ai.request.model": run.model,
            "playground.run.id": run.id,
            "playground.request.id": fields.get("request_id", ""),
            "user.id": fields.get("person_id", ""),
        }
        with self._span("invoke_agent", known, _CONTEXT.extract({"traceparent": origin or ""}, Context())) as span:
            try:
                yield
            finally:
                _describe_end(span, latest())

    def tool(self, kind: ToolKind, call_id: str) -> AbstractContextManager[object]:
        """Follow a tool call inside the block."""
        known = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": kind,
            "gen_ai.tool.type": _TOOL_TYPES.get(kind, "function"),
            "gen_ai.tool.call.id": call_id,
        }
        return self._span(f"execute_tool {kind}", known)

    def model(self, model: ChatModel) -> ChatModel:
        """Return the model with a span around each of its calls."""
        return _FollowedModel(model, self._tracer)

    async def aclose(self) -> None:
        """Send what is left, within a limit: a collector that does not answer holds nobody up."""
        last = threading.Thread(target=self.provider.shutdown, name="last spans", daemon=True)
        last.start()
        await to_thread.run_sync(last.join, _FLUSH_SECONDS)

    def _span(
        self, name: str, attributes: Mapping[str, str], parent: Context | None = None
    ) -> AbstractContextManager[AnySpan]:
        known = {name: value for name, value in attributes.items() if value}
        return self._tracer.start_as_current_span(
            name, parent, attributes=known, record_exception=False, set_status_on_exception=False
        )


@dataclass(frozen=True, slots=True)
class _FollowedModel:
    """A model whose calls are spans; its provider is told the trace they belong to."""

    model: ChatModel
    tracer: Tracer

    @property
    def info(self) -> ModelInfo:
        return self.model.info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        span = self.tracer.start_span(f"chat {request.model}", kind=SpanKind.CLIENT, attributes=_asked(self.info))
        try:
            followed = replace(request, traceparent=_traceparent(span))
            async with aclosing(self.model.stream(followed)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        span.set_attributes(_answered(event))
                    yield event
        except Exception as error:
            _mark_failed(span, error.code if isinstance(error, AppError) and error.code else type(error).__name__)
            raise
        finally:
            span.end()


class _Batches(BatchSpanProcessor):
    """Sends spans some at a time, from a thread; of requests it keeps no queries."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        attributes = span.attributes or {}
        if "url.query" in attributes:
            span.set_attribute("url.query", _HIDDEN)
        if isinstance(path := attributes.get("url.path"), str):
            span.set_attribute("url.path", path_without_secrets(path))
        super().on_start(span, parent_context)


class _Exporter(OTLPSpanExporter):
    """Says once, not with every batch, that the collector does not take spans."""

    def __init__(self) -> None:
        super().__init__()
        self._place = urlsplit(self._endpoint).netloc.rpartition("@")[2] or self._endpoint
        self._reason = ""
        self._is_failing = False
        logging.getLogger(OTLPSpanExporter.__module__).addFilter(self._note)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._reason = ""
        result = super().export(spans)
        was_failing, self._is_failing = self._is_failing, result is not SpanExportResult.SUCCESS
        if self._is_failing and not was_failing:
            _log.warning("Traces are lost until %s takes them, which is said once: %s", self._place, self._reason)
        elif was_failing and not self._is_failing:
            _log.warning("Traces arrive at %s again.", self._place)
        return result

    def _note(self, record: logging.LogRecord) -> bool:
        self._reason = self._reason or record.getMessage()
        return False


def _traceparent(span: AnySpan) -> str | None:
    carrier: dict[str, str] = {}
    _CONTEXT.inject(carrier, set_span_in_context(span, Context()))
    return carrier.get("traceparent")


def _asked(info: ModelInfo) -> dict[str, str]:
    """Describe a call by its model; names that people give to connections are left out."""
    hosted = "azure.ai.openai" if info.owned_by == "azure-openai" else "openai"
    provider = _PROVIDERS.get(info.provider, hosted)
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": info.id,
        "gen_ai.provider.name": provider,
        "gen_ai.system": provider,
    }


def _answered(event: Finished) -> dict[str, int | list[str]]:
    return {
        "gen_ai.response.finish_reasons": [event.reason],
        "gen_ai.usage.input_tokens": event.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": event.usage.completion_tokens,
    }


def _describe_end(span: AnySpan, run: Run) -> None:
    span.set_attribute("playground.run.status", str(run.status))
    if run.usage is not None:
        span.set_attribute("gen_ai.usage.input_tokens", run.usage.prompt_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", run.usage.completion_tokens)
    if run.last_error is not None:
        _mark_failed(span, run.last_error["code"])


def _mark_failed(span: AnySpan, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)
