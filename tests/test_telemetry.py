"""Traces reach a real OTLP receiver, hang together from the caller to the model provider, and hold no words."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from app.engine.tracer import NoTracer
from app.main import create_app
from app.settings import ROOT, Settings
from app.telemetry import tracing
from tests.doubles.collector import Collector, KeptSpan
from tests.doubles.scripted_model import MODEL, create_scripted_model
from tests.live import serve
from tests.processes import ServerProcess, server_process, settled

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
KEY = "sk-never-in-a-trace-0123456789"
CODE = {"type": "code_interpreter"}
FUNCTION = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


class Provider:
    """A model provider that notes the `traceparent` of each completion it is asked for."""

    def __init__(self) -> None:
        self.seen: list[str | None] = []
        self._app: ASGIApp = create_scripted_model()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/v1/chat/completions":
            found = dict(scope["headers"]).get(b"traceparent")
            self.seen.append(found.decode() if found else None)
        await self._app(scope, receive, send)


@contextmanager
def traced(folder: Path, endpoint: str | None, **more: str) -> Iterator[tuple[ServerProcess, Provider]]:
    provider, named = Provider(), {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} if endpoint else {}
    with serve(provider) as url:
        settings = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": KEY, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        with server_process(folder, **{**settings, **named, **more}) as server:
            yield server, provider


@pytest.fixture(scope="module")
def collector() -> Collector:
    return Collector()


@pytest.fixture(scope="module")
def running(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Provider]]:
    """Serve the whole program in this process."""
    provider = Provider()
    with serve(collector) as endpoint, serve(provider) as url:
        settings = Settings(
            data_dir=tmp_path_factory.mktemp("data"),
            openai_base_url=f"{url}/v1",
            openai_api_key=SecretStr(KEY),
            builtin_model="off",
            ollama_base_url="off",
            sandbox="off",
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
            patch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=tests")
            app = create_app(settings)
        with serve(app) as found:
            yield found, provider


def client_of(url: str, **headers: str) -> httpx2.Client:
    given = {"authorization": f"Bearer {KEY}", **headers}
    return httpx2.Client(base_url=f"{url}/v1", headers=given, trust_env=False, timeout=30)


def begin(client: httpx2.Client, text: str, *tools: dict[str, Any]) -> dict[str, Any]:
    assistant = client.post("/assistants", json={"model": MODEL, "tools": list(tools)}).json()
    thread = {"messages": [{"role": "user", "content": text}]}
    started: dict[str, Any] = client.post(
        "/threads/runs?order=secret", json={"assistant_id": assistant["id"], "thread": thread}
    ).json()
    return settled(client, f"/threads/{started['thread_id']}/runs/{started['id']}")


def stretches(collector: Collector, run: dict[str, Any], count: int = 1) -> list[KeptSpan]:
    return collector.wait_for(lambda span: span.attributes.get("playground.run.id") == run["id"], count)


def children(collector: Collector, parent: KeptSpan) -> list[KeptSpan]:
    return [span for span in collector.spans if span.parent_id == parent.span_id]


def test_a_run_is_traced_from_its_caller_to_the_provider(running: tuple[str, Provider], collector: Collector) -> None:
    url, provider = running
    provider.seen.clear()
    with client_of(url, traceparent=CALLER) as client:
        run = begin(client, "!code print('confidential')\n!say The hidden answer.", CODE)
    [span] = stretches(collector, run)
    [request] = collector.wait_for(lambda each: each.span_id == span.parent_id)
    assert (request.name, request.context[:35]) == ("POST /v1/threads/runs", CALLER[:35])
    assert request.parent_id == CALLER[36:52]
    assert request.attributes["http.response.status_code"] == 200
    assert (request_id := span.attributes["playground.request.id"])
    assert span.attributes == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.id": run["assistant_id"],
        "gen_ai.conversation.id": run["thread_id"],
        "gen_ai.request.model": MODEL,
        "gen_ai.usage.input_tokens": 240,
        "gen_ai.usage.output_tokens": 80,
        "playground.run.id": run["id"],
        "playground.run.status": "completed",
        "playground.request.id": request_id,
        "user.id": "local",
    }
    first, tool, second = children(collector, span)
    assert [each.name for each in (first, tool, second)] == [
        f"chat {MODEL}",
        "execute_tool code_interpreter",
        f"chat {MODEL}",
    ]
    assert first.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": MODEL,
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "openai",
        "gen_ai.response.finish_reasons": ["tool_calls"],
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 40,
    }
    assert tool.attributes["gen_ai.tool.name"] == "code_interpreter"
    assert tool.attributes["gen_ai.tool.type"] == "extension"
    assert provider.seen == [first.context, second.context]
    assert span.service["service.name"] == "assistants-playground"
    assert span.service["deployment.environment.name"] == "tests"


def test_both_stretches_of_a_run_that_waited_for_its_caller_belong_to_one_trace(
    running: tuple[str, Provider], collector: Collector
) -> None:
    with client_of(running[0]) as client:
        run = begin(client, '!call weather {"place": "confidential"}\n!say The hidden answer.', FUNCTION)
        [call] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "confidential"}]}
        client.post(f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs", json=outputs)
        settled(client, f"/threads/{run['thread_id']}/runs/{run['id']}")
    spans = stretches(collector, run, 2)
    assert [span.attributes["playground.run.status"] for span in spans] == ["requires_action", "completed"]
    assert len({(span.trace_id, span.parent_id) for span in spans}) == 1


def test_a_failure_is_named_by_its_kind_only(running: tuple[str, Provider], collector: Collector) -> None:
    with client_of(running[0]) as client:
        run = begin(client, "!fail 400")
    [span] = stretches(collector, run)
    [chat] = children(collector, span)
    assert run["last_error"]["code"] == "invalid_prompt"
    for each in (span, chat):
        assert each.is_error
        assert each.attributes["error.type"] == "invalid_prompt"


def test_no_words_and_no_keys_leave_the_server(running: tuple[str, Provider], collector: Collector) -> None:
    with client_of(running[0]) as client:
        run = begin(client, "!say The hidden answer, after a confidential question.")
        client.get(f"/models/{KEY}?after={KEY}")
    stretches(collector, run)
    collector.wait_for(lambda span: span.name == "GET /v1/models/{model}")
    for words in (KEY, "confidential", "hidden", "weather", "secret", "on demand"):
        assert words.encode() not in collector.raw, words


def test_spans_arrive_before_the_server_is_gone(tmp_path: Path) -> None:
    collector = Collector()
    with serve(collector) as url, traced(tmp_path, url, OTEL_BSP_SCHEDULE_DELAY="60000") as (server, _):
        with client_of(server.url) as client:
            run = begin(client, "Hello")
        assert collector.spans == []
        stop(server)
        stretches(collector, run)


def test_a_collector_that_is_not_there_harms_nobody_and_is_named_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    endpoint = f"http://127.0.0.1:{closed_port()}"
    with (
        traced(tmp_path, endpoint, OTEL_EXPORTER_OTLP_TIMEOUT="1") as (server, provider),
        client_of(server.url) as client,
    ):
        for _ in range(2):
            assert begin(client, "Hello")["status"] == "completed"
            time.sleep(1.5)
        stop(server)
        assert all(provider.seen)
    log = capfd.readouterr().err
    assert log.count(f"Traces are lost until {endpoint.removeprefix('http://')} takes them") == 1
    assert "opentelemetry" not in log
    assert "Traceback" not in log


def test_a_collector_that_never_answers_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with traced(tmp_path, endpoint) as (server, _), client_of(server.url) as client:
            assert begin(client, "Hello")["status"] == "completed"
            stop(server)


async def test_a_collector_that_takes_spans_again_is_named_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    collector = Collector(status=400)
    with serve(collector) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url.replace("//", "//someone:password@"))
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        tracer, _ = tracing(os.environ)
        for status, words in ((400, "are lost until"), (200, "arrive at")):
            collector.status = status
            with tracer.tool("file_search", "call_1"):
                await anyio.lowlevel.checkpoint()
            with anyio.fail_after(10):
                while f"Traces {words} {url.removeprefix('http://')}" not in caplog.text:
                    await anyio.sleep(0.02)
        await tracer.aclose()
    assert "password" not in caplog.text
    assert {span.attributes["gen_ai.tool.type"] for span in collector.spans} == {"datastore"}


def test_without_the_variables_nothing_is_imported_or_passed_on(tmp_path: Path) -> None:
    with traced(tmp_path, None) as (server, provider), client_of(server.url, traceparent=CALLER) as client:
        assert begin(client, "Hello")["status"] == "completed"
        assert provider.seen == [None]
    imported = "import sys, app.main; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    command = [sys.executable, "-c", imported]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "off", [{"OTEL_SDK_DISABLED": "True"}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}]
)
def test_the_standard_variables_turn_it_off(off: dict[str, str]) -> None:
    assert is_off({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", **off})


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delitem(sys.modules, "app.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert is_off({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert "make install-telemetry" in caplog.text
    assert "opentelemetry.sdk.trace is missing" in caplog.text


def test_a_variable_that_cannot_be_read_turns_traces_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "1")
    assert is_off({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert "max_export_batch_size must be less" in caplog.text


def is_off(environment: dict[str, str]) -> bool:
    tracer, provider = tracing(environment)
    return isinstance(tracer, NoTracer) and provider is None


def stop(server: ServerProcess) -> None:
    server.process.terminate()
    assert server.process.wait(10) is not None


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
