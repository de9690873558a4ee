"""Measures what the built-in model achieves: the seeds' conversations and tasks of our own, through the real API.

    python benchmarks/local_model.py [--repeat 5] [--half seeds --half tuning] [--base-url http://127.0.0.1:8000/v1]

Without a base URL it starts the server itself, with a data folder of its own; set BUILTIN_MODEL=/path/file.gguf to use
weights that are here already. Prints each turn's result with its seconds, and totals; Ctrl-C ends it with those so far.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from local_model_tasks import TASKS, Half, Outcome, Task, Turn
from openai import OpenAI
from openai.types.beta import AssistantStreamEvent, AssistantToolParam
from openai.types.beta.threads import Run
from openai.types.beta.threads.message_create_params import Attachment
from openai.types.beta.threads.run_submit_tool_outputs_params import ToolOutput

ROOT = Path(__file__).resolve().parent.parent
_PORT = 8765
_START_SECONDS = 60.0
_TURN_SECONDS = 600.0

# The SDK marks the whole Assistants API as deprecated.
warnings.filterwarnings("ignore", category=DeprecationWarning, message="deprecated|The Assistants API is deprecated")


@dataclass(frozen=True, slots=True)
class Result:
    """One turn's result; seconds count from sending the message."""

    half: Half
    name: str
    passed: bool
    seconds_to_first: float
    seconds: float


def main() -> None:
    options = _options()
    halves = options.half or list(get_args(Half))
    wanted = options.only or [task.name for task in TASKS]
    tasks = [task for task in TASKS if task.half in halves and task.name in wanted]
    results: list[Result] = []
    with suppress(KeyboardInterrupt), _server(options.base_url) as base_url:
        client = OpenAI(base_url=base_url, api_key="benchmark", timeout=_TURN_SECONDS, max_retries=0)
        for number in range(options.repeat):
            for task in tasks:
                results.extend(Conversation(client, task, shows=options.show).hold(number))
    _summarise(results)


class Conversation:
    """One task's conversation on a thread of its own."""

    def __init__(self, client: OpenAI, task: Task, *, shows: bool) -> None:
        self._client = client
        self._task = task
        self._shows = shows
        self._earlier: list[str] = []

    def hold(self, number: int) -> Iterator[Result]:
        """Say each turn's message and judge what comes back."""
        beta = self._client.beta
        assistant = beta.assistants.create(
            model=self._client.models.list().data[0].id,
            name=self._task.name,
            instructions=self._task.instructions,
            tools=list(self._tools()),
        )
        thread = beta.threads.create()
        attachments = self._upload()
        for turn in self._task.turns:
            yield self._take(turn, number, assistant.id, thread.id, attachments)
            attachments = []
        beta.threads.delete(thread.id)
        beta.assistants.delete(assistant.id)

    def _take(
        self, turn: Turn, number: int, assistant_id: str, thread_id: str, attachments: list[Attachment]
    ) -> Result:
        self._client.beta.threads.messages.create(thread_id, role="user", content=turn.says, attachments=attachments)
        started = time.perf_counter()
        run = _Run(self._client, self._task)
        run.go(thread_id, assistant_id)
        seconds = time.perf_counter() - started
        outcome = run.outcome(thread_id, tuple(self._earlier))
        self._earlier += outcome.programs
        first = (run.first or time.perf_counter()) - started
        result = Result(self._task.half, self._task.name, _judge(turn, outcome), first, seconds)
        self._tell(turn, outcome, result, number)
        return result

    def _tell(self, turn: Turn, outcome: Outcome, result: Result, number: int) -> None:
        verdict = "pass" if result.passed else "FAIL"
        times = f"first {result.seconds_to_first:5.1f} s, all {result.seconds:5.1f} s"
        print(f"{number + 1}  {verdict}  {result.half:8}  {result.name:18}  {times}  {turn.says[:50]}", flush=True)
        if self._shows:
            for program in outcome.programs:
                print(f"----\n{program}")
            print(f"---- {outcome.calls or ''}\n{outcome.text}\n----")

    def _tools(self) -> Iterator[AssistantToolParam]:
        if self._task.code_interpreter:
            yield {"type": "code_interpreter"}
        for function in self._task.functions:
            yield {
                "type": "function",
                "function": {
                    "name": function.name,
                    "description": function.description,
                    "parameters": dict(function.parameters),
                },
            }

    def _upload(self) -> list[Attachment]:
        uploaded = [
            self._client.files.create(file=(name, text.encode()), purpose="assistants")
            for name, text in self._task.files.items()
        ]
        return [{"file_id": file.id, "tools": [{"type": "code_interpreter"}]} for file in uploaded]


class _Run:
    """One streamed run, with the functions' outputs submitted."""

    def __init__(self, client: OpenAI, task: Task) -> None:
        self._client = client
        self._returns = {function.name: function.returns for function in task.functions}
        self._run: Run | None = None
        self.first: float | None = None

    def go(self, thread_id: str, assistant_id: str) -> None:
        runs = self._client.beta.threads.runs
        self._follow(runs.create(thread_id=thread_id, assistant_id=assistant_id, stream=True))
        while self._run is not None and self._run.required_action is not None:
            calls = self._run.required_action.submit_tool_outputs.tool_calls
            outputs: list[ToolOutput] = [
                {"tool_call_id": call.id, "output": self._returns[call.function.name]} for call in calls
            ]
            self._follow(runs.submit_tool_outputs(self._run.id, thread_id=thread_id, tool_outputs=outputs, stream=True))

    def outcome(self, thread_id: str, earlier: tuple[str, ...]) -> Outcome:
        if self._run is None or self._run.status != "completed":
            error = self._run.last_error if self._run is not None else None
            return Outcome(f"({error.message if error else 'the run did not complete'})")
        programs, logs, calls = self._tool_calls(thread_id)
        texts, images = self._messages(thread_id)
        failed = bool(logs) and "Traceback (most recent call last)" in logs[-1]
        return Outcome("\n".join(texts), tuple(programs), tuple(images), tuple(calls), earlier, failed)

    def _follow(self, events: Iterable[AssistantStreamEvent]) -> None:
        for event in events:
            if self.first is None and event.event in {"thread.message.delta", "thread.run.step.delta"}:
                self.first = time.perf_counter()
            if isinstance(event.data, Run):
                self._run = event.data

    def _tool_calls(self, thread_id: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        assert self._run is not None
        programs: list[str] = []
        logs: list[str] = []
        calls: list[tuple[str, str]] = []
        for step in self._client.beta.threads.runs.steps.list(self._run.id, thread_id=thread_id, order="asc"):
            if step.step_details.type != "tool_calls":
                continue
            for call in step.step_details.tool_calls:
                if call.type == "code_interpreter":
                    programs.append(call.code_interpreter.input)
                    outputs = call.code_interpreter.outputs
                    logs.append("".join(output.logs for output in outputs if output.type == "logs"))
                elif call.type == "function":
                    calls.append((call.function.name, call.function.arguments))
        return programs, logs, calls

    def _messages(self, thread_id: str) -> tuple[list[str], list[bytes]]:
        assert self._run is not None
        texts: list[str] = []
        images: list[bytes] = []
        for message in self._client.beta.threads.messages.list(thread_id, run_id=self._run.id, order="asc"):
            for part in message.content:
                if part.type == "text":
                    texts.append(part.text.value)
                elif part.type == "image_file":
                    images.append(self._client.files.content(part.image_file.file_id).read())
        return texts, images


def _judge(turn: Turn, outcome: Outcome) -> bool:
    try:
        return turn.check(outcome)
    except (ValueError, TypeError, AttributeError) as exc:
        print(f"   (the check could not read the outcome: {exc})")
        return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", help="a running server's /v1")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--half", action="append", choices=get_args(Half), help="only these; may be given again")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this task; may be given again")
    parser.add_argument("--show", action="store_true", help="print programs and answers")
    return parser.parse_args()


@contextmanager
def _server(base_url: str | None) -> Iterator[str]:
    """Yield the base URL of the server that was named, or of one that runs for this benchmark only."""
    if base_url is not None:
        yield base_url
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "app", "--port", str(_PORT), "--data-dir", folder]
        environment = {**os.environ, "OLLAMA_BASE_URL": "off"}
        server = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{_PORT}/v1/models")
            yield f"http://127.0.0.1:{_PORT}/v1"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url: str) -> None:
    """Wait until a model is on offer; the weights may have to be fetched first."""
    request = urllib.request.Request(url, headers={"authorization": "Bearer benchmark"})  # noqa: S310  # Loopback.
    deadline = time.monotonic() + _START_SECONDS + (0 if os.environ.get("BUILTIN_MODEL") else 1800)
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310  # Loopback.
                if b'"id"' in reply.read():
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.5)
    raise SystemExit("No model is on offer: set BUILTIN_MODEL, or see the server's log above.")


def _summarise(results: list[Result]) -> None:
    by_task: dict[tuple[Half, str], list[Result]] = defaultdict(list)
    for result in results:
        by_task[result.half, result.name].append(result)
    print(f"\n{'half':9} {'task':18} {'turns passed':>12} {'median s':>9} {'first s':>8}")
    for (half, name), found in by_task.items():
        print(_row(half, name, found))
    print()
    for half in get_args(Half):
        found = [result for result in results if result.half == half]
        if found:
            print(_row(half, "total", found), f" {100 * sum(r.passed for r in found) / len(found):.0f} %")


def _row(half: str, name: str, found: list[Result]) -> str:
    passed = f"{sum(result.passed for result in found)}/{len(found)}"
    seconds = statistics.median(result.seconds for result in found)
    first = statistics.median(result.seconds_to_first for result in found)
    return f"{half:9} {name:18} {passed:>12} {seconds:9.1f} {first:8.1f}"


if __name__ == "__main__":
    main()
