"""A server that is told to stop queues its runs again, tells their streams, and is gone within ten seconds."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.live import serve
from tests.processes import ServerProcess, server_process, settled

_WORD = {"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]}
_END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


@pytest.fixture
def slow_model() -> Iterator[str]:
    """Serve a model that takes for ever over its first answer, and answers shortly from then on."""
    app, lengths = FastAPI(), itertools.chain([2_000], itertools.repeat(3))

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": "slow", "object": "model", "created": 0, "owned_by": "test"}]}

    @app.post("/v1/chat/completions")
    async def complete() -> StreamingResponse:
        async def words() -> AsyncIterator[str]:
            for _ in range(next(lengths)):
                yield f"data: {json.dumps(_WORD)}\n\n"
                await anyio.sleep(0.05)
            yield f"data: {json.dumps(_END)}\n\n"

        return StreamingResponse(words(), media_type="text/event-stream")

    with serve(app) as url:
        yield f"{url}/v1"


def client_of(server: ServerProcess) -> httpx2.Client:
    headers = {"authorization": "Bearer any"}
    return httpx2.Client(base_url=server.url, headers=headers, trust_env=False, timeout=30, follow_redirects=True)


class Stream:
    """A stream that is read in a thread of its own until it ends."""

    def __init__(self, client: httpx2.Client, method: str, path: str, **options: Any) -> None:
        self.lines: list[str] = []
        self.failure: Exception | None = None
        self.has_begun = threading.Event()
        self._request = (client, method, path, options)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        client, method, path, options = self._request
        try:
            with client.stream(method, path, **options) as response:
                for line in response.iter_lines():
                    self.lines.append(line)
                    if "message.delta" in line or line.startswith("id:"):
                        self.has_begun.set()
        except httpx2.HTTPError as error:
            self.failure = error


def test_it_stops_within_ten_seconds_and_tells_everybody(tmp_path: Path, slow_model: str) -> None:
    model = {"OPENAI_BASE_URL": slow_model, "OPENAI_API_KEY": "x"}
    with server_process(tmp_path, **model) as server, client_of(server) as client:
        assistant_id = client.post("/v1/assistants", json={"model": "slow"}).json()["id"]
        body = {
            "assistant_id": assistant_id,
            "stream": True,
            "thread": {"messages": [{"role": "user", "content": "x"}]},
        }
        run = Stream(client, "POST", "/v1/threads/runs", json=body)
        page = Stream(client, "GET", f"{client.get('/').url.path}/events")
        assert run.has_begun.wait(20)
        began = time.monotonic()
        server.process.terminate()
        server.process.wait(10)
        took = time.monotonic() - began
        for stream in (run, page):
            stream.thread.join(5)
            assert not stream.thread.is_alive()
            assert stream.failure is None, (stream.failure, stream.lines[-6:])
    print(f"stopped within {took:.1f} s")  # noqa: T201  a figure worth reading
    events = [line.removeprefix("event: ") for line in run.lines if line.startswith("event: ")]
    assert events[-2:] == ["thread.run.queued", "done"]
    queued = next(json.loads(line[6:]) for line in reversed(run.lines) if '"object":"thread.run"' in line)
    with server_process(tmp_path, **model) as server, client_of(server) as client:
        run_path = f"/v1/threads/{queued['thread_id']}/runs/{queued['id']}"
        assert settled(client, run_path)["status"] == "completed"
        messages = client.get(f"/v1/threads/{queued['thread_id']}/messages").json()["data"]
        assert [message["content"][0]["text"]["value"] for message in messages] == ["word word word ", "x"]
