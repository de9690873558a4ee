"""The step in which a run calls tools, as it is written."""

from __future__ import annotations

from typing import Any

from app.engine.engine import Engine
from app.engine.execution.endings import Ending
from app.engine.execution.outbox import Outbox
from app.engine.execution.partial_code import PartialCode
from app.engine.execution.step_writer import StepWriter
from app.engine.models.port import ToolCallDelta, ToolKind, ToolSpec
from app.wire.events import step_delta
from app.wire.runs import Run, Usage


class WrittenCall:
    """One call: what the model wrote, and what came out; knows its deltas and its stored form."""

    def __init__(self, index: int, call_id: str, kind: ToolKind, name: str) -> None:
        self.index = index
        self.id = call_id
        self.kind = kind
        self.name = name
        self.arguments = ""
        self.outputs: list[dict[str, Any]] = []
        self.output: str | None = None
        self.search: dict[str, Any] = {}
        self._code = PartialCode()

    def first_delta(self) -> dict[str, Any]:
        """Describe the call as it begins; id and name are sent this once, since SDKs add strings up."""
        return {"index": self.index, "id": self.id, "type": self.kind, self.kind: self._body("", [])}

    def extend(self, fragment: str) -> dict[str, Any] | None:
        """Append a piece of the arguments; return the delta to send, if it shows anything."""
        self.arguments += fragment
        if self.kind == "code_interpreter":
            shown = self._code.feed(fragment)
            return self._delta({"input": shown}) if shown else None
        return self._delta({"arguments": fragment}) if self.kind == "function" else None

    @property
    def code(self) -> str:
        """The code that a code interpreter call carries."""
        return self._code.whole()

    def add_logs(self, text: str) -> dict[str, Any]:
        """Append printed text to the outputs; return the delta."""
        if self.outputs and self.outputs[-1]["type"] == "logs":
            self.outputs[-1]["logs"] += text
        else:
            self.outputs.append({"type": "logs", "logs": text})
        return self._output_delta({"type": "logs", "logs": text})

    def add_image(self, file_id: str) -> dict[str, Any]:
        """Append an image to the outputs; return the delta."""
        image = {"type": "image", "image": {"file_id": file_id}}
        self.outputs.append(image)
        return self._output_delta(image)

    def stored(self) -> dict[str, Any]:
        """Return the call as the step's details hold it."""
        written = self.code if self.kind == "code_interpreter" else self.arguments
        outputs = [dict(output) for output in self.outputs]
        body = self.search if self.kind == "file_search" else self._body(written, outputs)
        return {"id": self.id, "type": self.kind, self.kind: body}

    def _body(self, written: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
        if self.kind == "code_interpreter":
            return {"input": written, "outputs": outputs}
        if self.kind == "function":
            return {"name": self.name, "arguments": written, "output": self.output}
        return {}

    def _output_delta(self, output: dict[str, Any]) -> dict[str, Any]:
        return self._delta({"outputs": [{"index": len(self.outputs) - 1, **output}]})

    def _delta(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"index": self.index, "type": self.kind, self.kind: body}


class ToolStep:
    """A `tool_calls` step with all calls of one model turn."""

    def __init__(self, engine: Engine, outbox: Outbox, step: StepWriter) -> None:
        self._engine = engine
        self._outbox = outbox
        self._step = step
        self.calls: list[WrittenCall] = []
        self._by_index: dict[int, WrittenCall] = {}

    @classmethod
    async def open(cls, engine: Engine, outbox: Outbox, run: Run) -> ToolStep:
        """Create the step, without calls yet."""
        step = StepWriter.create(engine, outbox, run, "tool_calls", {"type": "tool_calls", "tool_calls": []})
        await outbox.flush()
        return cls(engine, outbox, step)

    @property
    def id(self) -> str:
        """The step's id."""
        return self._step.step.id

    def take(self, delta: ToolCallDelta, offered: dict[str, ToolSpec]) -> None:
        """Take in a piece of a call and publish what it shows."""
        call = self._by_index.get(delta.index)
        if call is None:
            call = self._begin(delta, offered)
        if delta.arguments:
            self.publish(call.extend(delta.arguments))

    def publish(self, delta: dict[str, Any] | None) -> None:
        """Publish a call's delta, if there is one."""
        if delta is not None:
            self._outbox.publish(step_delta(self._step.step.id, delta))

    async def save(self) -> None:
        """Commit the calls as they are now."""
        self._queue_details()
        await self._outbox.flush()

    def close(self, ending: Ending, usage: Usage | None) -> None:
        """Queue the step's end."""
        self._queue_details()
        self._step.close(ending, usage)

    def _queue_details(self) -> None:
        self._step.save_details({"type": "tool_calls", "tool_calls": [call.stored() for call in self.calls]})

    def _begin(self, delta: ToolCallDelta, offered: dict[str, ToolSpec]) -> WrittenCall:
        name = delta.name or ""
        spec = offered.get(name)
        kind = spec.kind if spec else "function"
        call = WrittenCall(len(self.calls), self._engine.ids.new("call_"), kind, name)
        self.calls.append(call)
        self._by_index[delta.index] = call
        self.publish(call.first_delta())
        return call
