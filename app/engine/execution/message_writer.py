"""The assistant's message, as a run writes it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.execution.annotations import Citation, file_citation_annotations, file_path_annotations
from app.engine.execution.endings import Ending
from app.engine.execution.outbox import Outbox
from app.engine.execution.step_writer import StepWriter
from app.engine.store import rows, tables
from app.wire.events import message_delta, object_event
from app.wire.messages import Message
from app.wire.runs import Run, Usage

_SAVE_EVERY_SECONDS = 0.25


class MessageWriter:
    """Opens a message with its step, streams text into it, closes both.

    Deltas are published at once; the text so far is stored four times a second at the most, and at the end.
    """

    def __init__(
        self, outbox: Outbox, engine: Engine, step: StepWriter, message: Message, marks: Mapping[str, Citation]
    ) -> None:
        self._marks = marks
        self._outbox = outbox
        self._engine = engine
        self._step = step
        self.message = message
        self._parts: list[dict[str, Any]] = []
        self._pieces: list[str] = []
        self._is_refusal = False
        self._saved_at = time.monotonic()

    @classmethod
    async def open(
        cls,
        engine: Engine,
        outbox: Outbox,
        run: Run,
        image_ids: Sequence[str],
        marks: Mapping[str, Citation],
    ) -> MessageWriter:
        """Create step and message; the images come before all text, as the hosted service had it."""
        message_id = engine.ids.new("msg_")
        details = {"type": "message_creation", "message_creation": {"message_id": message_id}}
        step = StepWriter.create(engine, outbox, run, "message_creation", details)
        values = _new_message(message_id, engine.now(), run)
        message = Message.model_validate(values)
        outbox.write(lambda connection: rows.insert_row(connection, tables.messages, values))
        outbox.tell(
            object_event("thread.message.created", message), object_event("thread.message.in_progress", message)
        )
        await outbox.flush()
        writer = cls(outbox, engine, step, message, marks)
        for file_id in image_ids:
            writer._add_image(file_id)
        return writer

    async def add_text(self, text: str) -> None:
        """Append a piece of text."""
        part: dict[str, Any] = {"value": text}
        if not self._pieces:
            part["annotations"] = []
        self._publish({"type": "text", "text": part})
        await self._append(text)

    async def add_refusal(self, text: str) -> None:
        """Append a piece of a refusal."""
        self._is_refusal = True
        self._publish({"type": "refusal", "refusal": text})
        await self._append(text)

    def close(
        self, ending: Ending, usage: Usage | None, outputs: Mapping[str, str], made_ids: Sequence[str] = ()
    ) -> None:
        """Queue the message's and the step's end.

        `outputs` maps names of made files to their ids, for annotations; the files of `made_ids` become attachments.
        """
        now = self._engine.now()
        changes: dict[str, Any] = {
            "status": ending.message,
            "content": self._content(outputs),
            "attachments": _attachments(made_ids, outputs),
            "completed_at" if ending.message == "completed" else "incomplete_at": now,
            "incomplete_details": {"reason": ending.message_reason} if ending.message_reason else None,
        }
        self.message = self.message.model_copy(update=changes)
        message_id = self.message.id
        self._outbox.write(lambda connection: _update_message(connection, message_id, changes))
        self._outbox.tell(object_event(f"thread.message.{ending.message}", self.message))
        self._step.close(ending, usage)

    def retract(self) -> None:
        """Queue the removal of the message and its step."""
        message_id = self.message.id
        self._outbox.write(lambda connection: _delete_message(connection, message_id))
        self._step.retract()

    def _add_image(self, file_id: str) -> None:
        part = {"type": "image_file", "image_file": {"file_id": file_id}}
        self._outbox.publish(message_delta(self.message.id, {"index": len(self._parts), **part}))
        self._parts.append(part)

    async def _append(self, text: str) -> None:
        self._pieces.append(text)
        if time.monotonic() - self._saved_at < _SAVE_EVERY_SECONDS:
            return
        content, message_id = [*self._parts, self._written([])], self.message.id
        self._outbox.write(lambda connection: _update_message(connection, message_id, {"content": content}))
        await self._outbox.flush()
        self._saved_at = time.monotonic()

    def _content(self, outputs: Mapping[str, str]) -> list[dict[str, Any]]:
        if not self._pieces:
            return self._parts
        value = "".join(self._pieces)
        found = [] if self._is_refusal else file_path_annotations(value, outputs)
        found += [] if self._is_refusal else file_citation_annotations(value, self._marks)
        annotations = sorted(found, key=lambda annotation: int(annotation["start_index"]))
        if annotations:
            numbered = [{"index": index, **annotation} for index, annotation in enumerate(annotations)]
            self._publish({"type": "text", "text": {"value": "", "annotations": numbered}})
        return [*self._parts, self._written(annotations)]

    def _written(self, annotations: Sequence[dict[str, Any]]) -> dict[str, Any]:
        value = "".join(self._pieces)
        if self._is_refusal:
            return {"type": "refusal", "refusal": value}
        return {"type": "text", "text": {"value": value, "annotations": list(annotations)}}

    def _publish(self, part: dict[str, Any]) -> None:
        self._outbox.publish(message_delta(self.message.id, {"index": len(self._parts), **part}))


def _attachments(made_ids: Sequence[str], outputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Attach made files; `filename` is an extension, so that a page can offer them by name."""
    names = {file_id: name for name, file_id in outputs.items()}
    tools = [{"type": "code_interpreter"}]
    return [{"file_id": file_id, "tools": tools, "filename": names.get(file_id, "file")} for file_id in made_ids]


def _delete_message(connection: Connection, message_id: str) -> None:
    rows.delete_row(connection, tables.messages, message_id)


def _update_message(connection: Connection, message_id: str, values: dict[str, Any]) -> None:
    rows.update_row(connection, tables.messages, message_id, values)


def _new_message(message_id: str, now: int, run: Run) -> dict[str, Any]:
    return {
        "id": message_id,
        "created_at": now,
        "thread_id": run.thread_id,
        "status": "in_progress",
        "incomplete_details": None,
        "completed_at": None,
        "incomplete_at": None,
        "role": "assistant",
        "content": [],
        "assistant_id": run.assistant_id,
        "run_id": run.id,
        "attachments": [],
        "metadata": {},
    }
