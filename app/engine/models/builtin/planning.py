"""What a turn has to do next, told from the request alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.models.builtin.conversation import code_of, split_exchanges
from app.engine.models.builtin.routing import CODE_STEPS, QUOTE, SEPARATOR, Option, options_of, step_of_program
from app.engine.models.port import AssistantMessage, ChatMessage, ChatRequest, ToolMessage, ToolSpec

_TRIES = 3
_NOTHING = ("", "[no output]")
_FAILURE = re.compile(r"^(Traceback \(most recent call last\):|\w+(Error|Exception)(: |$))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Choose:
    """Let the model choose among options; `done` names the functions that were called in this turn."""

    options: tuple[Option, ...]
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Write a program; `attempt` counts from zero, `failure` says what was wrong with the one before."""

    step: str
    attempt: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Write the arguments of functions' calls."""

    tools: tuple[ToolSpec, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """Write the answer; `quotes_code` when it shows a program that was run."""

    quotes_code: bool = False


Action = Draft | Call | Reply


def plan(request: ChatRequest) -> Choose | Action:
    """Return what comes next: a choice for the model, or an action that is already certain."""
    if request.tools and request.tool_choice != "none":
        tried = _outputs_of_turn(request.messages)
        if tried:
            return _after_tools(request, tried)
        if request.tool_choice.startswith("tool:"):
            return _forced(request, request.tool_choice.removeprefix("tool:"))
        return _narrow(request, options_of(request, may_reply=request.tool_choice != "required"))
    return Reply()


def action_of(request: ChatRequest, choice: str, done: Sequence[str] = ()) -> Action:
    """Return the action that `choice` stands for: an option's word, or names of functions, without those `done`."""
    if choice in CODE_STEPS:
        return Draft(choice)
    names = [name for name in dict.fromkeys(choice.split(SEPARATOR)) if name not in done]
    tools = [tool for name in names for tool in request.tools if tool.name == name and tool.kind != "code_interpreter"]
    if not tools:
        return Reply(quotes_code=choice == QUOTE)
    return Call(tuple(tools if request.parallel_tool_calls else tools[:1]))


def _narrow(request: ChatRequest, options: Sequence[Option]) -> Choose | Action:
    return Choose(tuple(options)) if len(options) > 1 else action_of(request, options[0].word)


def _forced(request: ChatRequest, name: str) -> Choose | Action:
    options = options_of(request, may_reply=False)
    if any(tool.name == name and tool.kind == "code_interpreter" for tool in request.tools):
        return Choose(tuple(option for option in options if option.word in CODE_STEPS))
    return action_of(request, name)


def _after_tools(request: ChatRequest, tried: Sequence[tuple[AssistantMessage, str]]) -> Choose | Action:
    """Correct a program that failed or said nothing, for a few times; otherwise answer, or call another function."""
    message, output = tried[-1]
    code = next((code for call in message.tool_calls if (code := code_of(call, request.tools)) is not None), None)
    if code is None:
        return _after_functions(request, {call.name for message, _ in tried for call in message.tool_calls})
    if len(tried) >= _TRIES or not needs_correction(output):
        return Reply()
    return Draft(step_of_program(code), len(tried), _failure_in(output))


def _after_functions(request: ChatRequest, called: set[str]) -> Choose | Action:
    """Answer, where all calls were written at once; otherwise ask the same question again for those that are left."""
    if request.parallel_tool_calls or request.tool_choice.startswith("tool:"):
        return Reply()
    return Choose(tuple(options_of(request, may_reply=True)), tuple(sorted(called)))


def needs_correction(output: str) -> bool:
    """Tell whether a program's output shows that it failed, or shows nothing at all."""
    return output.strip() in _NOTHING or _FAILURE.search(output) is not None


def _failure_in(output: str) -> str:
    """Return the sentence that names the failure: the last line of a traceback."""
    lines = [line for line in output.splitlines() if _FAILURE.match(line) and not line.startswith("Traceback")]
    return lines[-1][:300] if lines else "it printed nothing"


def _outputs_of_turn(messages: Sequence[ChatMessage]) -> list[tuple[AssistantMessage, str]]:
    """Return each message with calls since the user last spoke, with the calls' outputs."""
    exchanges = split_exchanges(messages)
    found: list[tuple[AssistantMessage, str]] = []
    for message in exchanges[-1] if exchanges else []:
        if isinstance(message, AssistantMessage) and message.tool_calls:
            found.append((message, ""))
        elif isinstance(message, ToolMessage) and found:
            calling, text = found[-1]
            found[-1] = (calling, f"{text}\n{message.text}".strip())
    return found
