"""Runs in a network of its own with a scripted model: works with the built image, restarts it; prints JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
from openai import OpenAI

from tests.built_image import Container, Image, mounted_image, running
from tests.doubles.scripted_model import MODEL, create_scripted_model
from tests.live import serve

_URL = "http://127.0.0.1:8000"
_KEY = "visit"
_SECONDS = 90.0
_CODE = """import matplotlib.pyplot as plt, pandas, scipy.stats, sympy
print(pandas.DataFrame({"a": [40, 2]})["a"].sum())
plt.plot([1, 2])
plt.show()"""
# What the server imports late: a missing library shows only then.
_IMPORTS = "import azure.identity, obstore, onnxruntime, pip, psycopg, tokenizers, xllamacpp"
_ASK = f'!code {_CODE}\n!call file_search {{"queries": ["yellow fruit"]}}\n!say Bananas【4:0†banana.txt】.'


def main() -> None:
    """Let an assistant compute and search, then look for its thread after a restart."""
    folder = Path(sys.argv[1])
    with serve(create_scripted_model()) as model, mounted_image() as image:
        settings = {
            "OPENAI_BASE_URL": f"{model}/v1", "OPENAI_API_KEY": "any", "PLAYGROUND_API_KEYS": _KEY,
            "BUILTIN_MODEL": "off", "OLLAMA_BASE_URL": "off",
        }  # fmt: skip
        with running(image, folder, settings) as container:
            found, thread_id = _work(image, container)
            found["stopped_seconds"] = container.stop()
        with running(image, folder, settings) as container:
            _wait_until_ready()
            found["after_restart"] = len(_client().beta.threads.messages.list(thread_id).data)
            container.stop()
    sys.stdout.write(json.dumps(found))


def _work(image: Image, container: Container) -> tuple[dict[str, Any], str]:
    _wait_until_ready()
    found: dict[str, Any] = {"health_check": container.visit(image.config["Healthcheck"]["Test"][1:])}
    found["imports"] = container.visit([image.config["Cmd"][0], "-c", _IMPORTS])
    with httpx2.Client(base_url=_URL, follow_redirects=True, trust_env=False, timeout=30) as visitor:
        page = visitor.post("/sign-in", data={"name": "Owner", "token": container.token})
        found["page"] = page.url.path.startswith("/chats/")
        found["sandbox"] = visitor.get("/health").json()["sandbox"]
    thread_id = _run(found)
    return found, thread_id


def _run(found: dict[str, Any]) -> str:
    client = _client()
    file = client.files.create(file=("banana.txt", b"The banana is a yellow fruit."), purpose="assistants")
    store = client.vector_stores.create()
    found["file"] = client.vector_stores.files.create_and_poll(vector_store_id=store.id, file_id=file.id).status
    assistant = client.beta.assistants.create(
        model=MODEL,
        tools=[{"type": "code_interpreter"}, {"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    )
    thread = client.beta.threads.create(messages=[{"role": "user", "content": _ASK}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    found["run"] = run.status
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
    called: Any = steps[0].step_details
    found["outputs"] = [output.type for output in called.tool_calls[0].code_interpreter.outputs]
    found["printed"] = called.tool_calls[0].code_interpreter.outputs[0].logs.strip()
    answer: Any = client.beta.threads.messages.list(thread.id).data[0].content
    found["citations"] = sum(len(part.text.annotations) for part in answer if part.type == "text")
    return thread.id


def _client() -> OpenAI:
    return OpenAI(base_url=f"{_URL}/v1", api_key=_KEY, timeout=_SECONDS)


def _wait_until_ready() -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        try:
            state = httpx2.get(f"{_URL}/health", trust_env=False).json()
        except httpx2.TransportError:
            state = {}
        if state.get("sandbox") not in {None, "unavailable"}:
            return
        time.sleep(0.2)
    raise TimeoutError("The server did not become ready.")


if __name__ == "__main__":
    main()
