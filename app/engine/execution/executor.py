"""The run loop: conversation → model → tool calls → steps → model … → message."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import assert_never

from app.engine.engine import Engine
from app.engine.execution import endings
from app.engine.execution.code_call import CodeCalls
from app.engine.execution.context import fit, tool_tokens
from app.engine.execution.endings import Ending
from app.engine.execution.history import call_output, chat_messages
from app.engine.execution.message_writer import MessageWriter
from app.engine.execution.offers import first_choice, tool_specs
from app.engine.execution.outbox import LostLeaseError
from app.engine.execution.prompt_record import PromptRecorder
from app.engine.execution.run_writer import RunWriter
from app.engine.execution.search_call import Library, SearchCalls, open_library
from app.engine.execution.situation import Situation, read_situation
from app.engine.execution.tool_step import ToolStep, WrittenCall
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ChatModel,
    ChatRequest,
    FileInput,
    Finished,
    ModelEvent,
    RefusalDelta,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolMessage,
    ToolSpec,
)
from app.engine.store.rows import Row
from app.engine.tools.code_interpreter.port import InputFile
from app.engine.tools.code_interpreter.preview import preview
from app.wire.runs import Run, RunStatus, Usage

MOST_TURNS = 32


@dataclass(slots=True)
class _Turn:
    """What one answer of the model opened, and how it ended."""

    message: MessageWriter | None = None
    tools: ToolStep | None = None
    spoken: MessageWriter | None = None
    text: str = ""
    finished: Finished | None = None


class Executor:
    """Carries out one run that its worker has claimed."""

    def __init__(self, engine: Engine, writer: RunWriter) -> None:
        self._engine = engine
        self._writer = writer
        self._outbox = writer.outbox
        self._turn = _Turn()
        self._specs: dict[str, ToolSpec] = tool_specs(writer.run.tools)
        self._search = SearchCalls(engine, writer.run, Library(), (), 0)
        self._prompts: PromptRecorder | None = None

    @property
    def _run(self) -> Run:
        return self._writer.run

    async def execute(self) -> None:
        """Run to the end, or to the point where functions must be answered; raises what a model raises."""
        model = await self._engine.models.resolve(self._run.model)
        self._writer.begin(model.info)
        library = await open_library(self._engine, self._run)
        situation = await self._engine.database.read(lambda connection: read_situation(connection, self._run))
        window = model.info.context_window
        self._search = SearchCalls(self._engine, self._run, library, situation.steps, window)
        files = [await _input_file(self._engine, row) for row in situation.files]
        described = tuple(_described(file, row) for file, row in zip(files, situation.files, strict=True))
        messages = await chat_messages(self._engine, self._run, situation, self._specs, model.info, described)
        code = CodeCalls(self._engine, self._run.thread_id, files, situation.outputs)
        code.figure_ids += _unseen_figures(situation, self._run.id)
        if self._engine.prompt_days:
            oldest_seq = situation.messages[0]["seq"] if situation.messages else None
            self._prompts = PromptRecorder(self._engine, self._run, oldest_seq)
        await self._loop(model, messages, described, code)

    async def abandon(self, ending: Ending) -> None:
        """Close whatever is open, and the run, in the given way."""
        self._close_turn(ending, None, None)
        await self._writer.finish(ending)

    async def hand_over(self) -> None:
        """Take back what the model is just saying or doing, and queue the run: that turn is then taken once more.

        A run that waits for its caller or that ended stays as it is; one that was cancelled meanwhile ends.
        """
        if self._run.status not in (RunStatus.QUEUED, RunStatus.IN_PROGRESS):
            return
        if self._turn.spoken is not None:
            self._turn.spoken.retract()
        try:
            await self._writer.requeue()
        except LostLeaseError:
            await self.abandon(endings.CANCELLED)

    async def _loop(
        self, model: ChatModel, messages: list[ChatMessage], files: tuple[FileInput, ...], code: CodeCalls
    ) -> None:
        choice = first_choice(self._run.tool_choice, self._specs)
        for _turn in range(MOST_TURNS):
            if (ending := self._writer.exhausted()) is not None:
                return await self._finish(ending, None, code)
            request = self._request(model, messages, files, choice)
            record = await self._prompts.record(model.info, messages, request) if self._prompts else None
            try:
                await self._take_turn(model, request, code)
            finally:
                if record is not None:
                    self._outbox.write(record.insert(self._turn.finished))
            usage = self._writer.count(self._turn.finished)
            if (step := self._turn.tools) is None:
                return await self._finish(_ending_of(self._turn.finished), usage, code)
            text = self._turn.text
            if await self._call_tools(step, usage, code):
                return None
            messages += _exchange(text, step.calls)
            choice = "auto" if choice not in ("auto", "none") else choice
        message = f"The model called tools {MOST_TURNS} times without an answer. Ask for less in one message."
        return await self._finish(endings.failed("server_error", message), None, code)

    def _request(
        self, model: ChatModel, messages: Sequence[ChatMessage], files: tuple[FileInput, ...], choice: str
    ) -> ChatRequest:
        specs = tuple(self._specs.values())
        window = min(model.info.context_window, self._writer.prompt_tokens_left() or model.info.context_window)
        form = self._run.response_format
        return ChatRequest(
            model=model.info.id,
            messages=fit(messages, window, reserved=tool_tokens(specs)),
            tools=specs,
            tool_choice=choice,
            parallel_tool_calls=self._run.parallel_tool_calls,
            temperature=self._run.temperature,
            top_p=self._run.top_p,
            max_tokens=self._writer.completion_tokens_left(),
            response_format=form if isinstance(form, dict) else None,
            reasoning_effort=self._run.reasoning_effort,
            files=files,
        )

    async def _take_turn(self, model: ChatModel, request: ChatRequest, code: CodeCalls) -> None:
        self._turn = _Turn()
        asked_at, has_begun = perf_counter(), False
        async with aclosing(model.stream(request)) as events:
            async for event in events:
                if not has_begun:
                    self._engine.meter.note_first_token(perf_counter() - asked_at)
                    has_begun = True
                await self._take(event, code)

    async def _take(self, event: ModelEvent, code: CodeCalls) -> None:
        match event:
            case TextDelta(text=text):
                self._turn.text += text
                await (await self._open_message(code)).add_text(text)
            case RefusalDelta(text=text):
                await (await self._open_message(code)).add_refusal(text)
            case ToolCallDelta():
                (await self._open_tools(code)).take(event, self._specs)
            case Finished():
                self._turn.finished = event
            case _:
                assert_never(event)

    async def _open_message(self, code: CodeCalls) -> MessageWriter:
        if self._turn.message is None:
            figures, code.figure_ids = code.figure_ids, []
            marks = self._search.marks
            self._turn.message = await MessageWriter.open(self._engine, self._outbox, self._run, figures, marks)
        return self._turn.message

    async def _open_tools(self, code: CodeCalls) -> ToolStep:
        if self._turn.message is not None:
            self._turn.message.close(endings.COMPLETED, None, code.outputs)
            self._turn.spoken, self._turn.message = self._turn.message, None
        if self._turn.tools is None:
            self._turn.tools = await ToolStep.open(self._engine, self._outbox, self._run)
        return self._turn.tools

    async def _call_tools(self, step: ToolStep, usage: Usage, code: CodeCalls) -> bool:
        """Carry out the calls that are ours; say whether the run now waits for the caller's functions."""
        await step.save()
        waiting = []
        for call in step.calls:
            if call.kind == "code_interpreter":
                with self._engine.meter.timed(call.kind), self._engine.tracer.tool(call.kind, call.id):
                    await code.carry_out(step, call)
                await step.save()
            elif call.kind == "file_search":
                with self._engine.meter.timed(call.kind), self._engine.tracer.tool(call.kind, call.id):
                    await self._search.carry_out(call, step.id)
                await step.save()
            elif call.name in self._specs:
                waiting.append(call)
            else:
                call.output = (
                    f"There is no tool named '{call.name}'. Tools on offer: {', '.join(self._specs) or 'none'}."
                )
        if waiting:
            await step.save()
            await self._writer.require_action(waiting)
            return True
        step.close(endings.COMPLETED, usage)
        self._turn = _Turn()
        return False

    async def _finish(self, ending: Ending, usage: Usage | None, code: CodeCalls) -> None:
        if (code.figure_ids or code.made_ids) and self._turn.message is None:
            await self._open_message(code)
        self._close_turn(ending, usage, code)
        await self._writer.finish(ending)

    def _close_turn(self, ending: Ending, usage: Usage | None, code: CodeCalls | None) -> None:
        turn, self._turn = self._turn, _Turn()
        if turn.message is not None:
            outputs, made_ids = (code.outputs, code.made_ids) if code is not None else ({}, [])
            turn.message.close(ending, usage, outputs, made_ids)
        if turn.tools is not None:
            turn.tools.close(ending, usage)


def _ending_of(finished: Finished | None) -> Ending:
    if finished is None:
        return endings.failed("server_error", "The model's answer was cut off. Run the thread again.")
    match finished.reason:
        case "length":
            return endings.OUT_OF_COMPLETION
        case "content_filter":
            return endings.FILTERED
        case "stop" | "tool_calls":
            return endings.COMPLETED
        case _:
            assert_never(finished.reason)


def _exchange(text: str, calls: Sequence[WrittenCall]) -> list[ChatMessage]:
    asked = tuple(ToolCall(call.id, call.name, call.arguments) for call in calls)
    outputs = [ToolMessage(call.id, call_output(call.stored())) for call in calls]
    return [AssistantMessage(text, asked), *outputs]


async def _input_file(engine: Engine, row: Row) -> InputFile:
    return InputFile(row["id"], row["filename"], await engine.blobs.local(row["blob"]))


def _described(file: InputFile, row: Row) -> FileInput:
    return FileInput(file.name, row["bytes"], preview(file.path, file.name))


def _unseen_figures(situation: Situation, run_id: str) -> list[str]:
    """Return figures of this run's earlier steps that no message has shown (the run waited for functions since)."""
    shown = {
        part["image_file"]["file_id"]
        for message in situation.messages
        if message["run_id"] == run_id
        for part in message["content"]
        if part["type"] == "image_file"
    }
    made = [
        output["image"]["file_id"]
        for step in situation.steps
        if step["run_id"] == run_id
        for call in step["step_details"]["tool_calls"]
        if call["type"] == "code_interpreter"
        for output in call["code_interpreter"]["outputs"]
        if output["type"] == "image"
    ]
    return [file_id for file_id in made if file_id not in shown]
