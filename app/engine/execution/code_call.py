"""Carrying out one code interpreter call: its prints, figures and files go into the step as they come."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import assert_never

from app.engine.engine import Engine
from app.engine.execution.made_files import store_made
from app.engine.execution.tool_step import ToolStep, WrittenCall
from app.engine.files import store_output
from app.engine.tools.code_interpreter.port import CellDone, CellEvent, Figure, FileMade, InputFile, Logs
from app.errors import ToolFailed


class CodeCalls:
    """Runs the cells of one run, and remembers what they made for the message that follows."""

    def __init__(self, engine: Engine, thread_id: str, files: Sequence[InputFile], outputs: dict[str, str]) -> None:
        self._engine = engine
        self._thread_id = thread_id
        self._files = files
        self.outputs = dict(outputs)
        """Names of made files with their ids, those of earlier runs included."""
        self.figure_ids: list[str] = []
        """Figures that no message has shown yet."""
        self.made_ids: list[str] = []
        """Files of this run that no message carries yet."""

    async def carry_out(self, step: ToolStep, call: WrittenCall) -> None:
        """Run the call's code; a tool that can't run says so in the call's output, and the run goes on."""
        try:
            async with aclosing(self._engine.interpreter.run_cell(self._thread_id, call.code, self._files)) as events:
                async for event in events:
                    await self._take(step, call, event)
        except ToolFailed as error:
            step.publish(call.add_logs(f"{error.code or 'tool_failed'}: {error.message}"))

    async def _take(self, step: ToolStep, call: WrittenCall, event: CellEvent) -> None:
        match event:
            case Logs(text=text):
                step.publish(call.add_logs(text))
            case Figure(name=name, png=png):
                file = await store_output(self._engine, self._thread_id, name, png)
                self.figure_ids.append(file.id)
                step.publish(call.add_image(file.id))
            case FileMade(name=name, path=path):
                file = await store_made(self._engine, self._thread_id, name, path)
                self.outputs[file.filename] = file.id
                if file.id not in self.made_ids:
                    self.made_ids.append(file.id)
                step.publish(
                    call.add_logs(f"[saved /mnt/data/{file.filename}; link: sandbox:/mnt/data/{file.filename}]\n")
                )
            case CellDone(note=note):
                if note:
                    step.publish(call.add_logs(f"[{note}]\n"))
            case _:
                assert_never(event)
