"""The first decision of a turn: which tool the message needs, or a plain reply; the model picks from a grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.models.builtin.chatml import Turn, render
from app.engine.models.builtin.completion import Completion
from app.engine.models.builtin.conversation import code_of, code_tool, split_exchanges
from app.engine.models.builtin.grammar import one_of
from app.engine.models.port import AssistantMessage, ChatMessage, ChatRequest, ToolSpec, UserMessage

COMPUTE = "compute"
PLOT = "plot"
QUOTE = "quote"
REPLY = "reply"

_EARLIER = 3
_MESSAGE_LIMIT = 1500


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on: a word for the grammar, and what it is for."""

    word: str
    purpose: str


_COMPUTE = Option(COMPUTE, "run Python to calculate, solve, count or analyse data or files")
_PLOT = Option(PLOT, "run Python to draw a chart or picture, or to draw it again in another way")
_QUOTE = Option(QUOTE, "show or explain the code that was run earlier, without running anything")
_REPLY = Option(REPLY, "answer in words: greetings, thanks, opinions, explanations, what you can do")

# Generic examples: they teach what the words mean, not what to do with any one question.
_EXAMPLES = (
    ((_COMPUTE, _PLOT, _REPLY), "How much is 12 times 31, minus 7?", COMPUTE),
    ((_COMPUTE, _PLOT, _REPLY), "Good evening, how are you doing?", REPLY),
    ((_COMPUTE, _PLOT, _REPLY), "Draw the function ln(x).", PLOT),
    ((_COMPUTE, _PLOT, _QUOTE, _REPLY), "Could you do that with thicker bars and a legend?", PLOT),
    ((_COMPUTE, _PLOT, _QUOTE, _REPLY), "What did the program look like?", QUOTE),
    ((_COMPUTE, _PLOT, _QUOTE, _REPLY), "What is the median of the second column?", COMPUTE),
    (
        (Option("find_recipe", "Find a recipe by its ingredients"), _REPLY),
        "I have eggs and rice. Any dish?",
        "find_recipe",
    ),
    ((Option("find_recipe", "Find a recipe by its ingredients"), _REPLY), "Okay, great!", REPLY),
    ((Option("find_recipe", "Find a recipe by its ingredients"), _REPLY), "Hey. What are your skills?", REPLY),
    ((_COMPUTE, _PLOT, _REPLY), "Evaluate the integral of t^2 from 0 to 9.", COMPUTE),
    ((_COMPUTE, _PLOT, _REPLY), "Why is the sky blue?", REPLY),
)
_SYSTEM = "Pick the one step that the message needs. Write only the step's name."


def options_of(request: ChatRequest, *, may_reply: bool) -> list[Option]:
    """Return what the model may choose from in this request."""
    options: list[Option] = []
    if code_tool(request.tools) is not None:
        options += [_COMPUTE, _PLOT]
        if may_reply and ran_code(request.messages):
            options.append(_QUOTE)
    options += [_option_of(tool) for tool in request.tools if tool.kind != "code_interpreter"]
    return [*options, _REPLY] if may_reply else options


def ran_code(messages: Sequence[ChatMessage]) -> bool:
    """Tell whether the conversation holds code that was run."""
    calls = (call for message in messages if isinstance(message, AssistantMessage) for call in message.tool_calls)
    return any(code_of(call) is not None for call in calls)


def routing_completion(request: ChatRequest, options: Sequence[Option]) -> Completion:
    """Return the completion whose text is the chosen option's word."""
    exchanges = split_exchanges(request.messages)
    turns = [Turn("system", _SYSTEM)]
    for example_options, message, word in _EXAMPLES:
        turns += [_question(example_options, message), Turn("assistant", word)]
    for exchange in exchanges[-1 - _EARLIER : -1]:
        turns += _earlier(exchange, options)
    turns.append(_question(options, _said(exchanges[-1]) if exchanges else ""))
    words = [option.word for option in options]
    return Completion(render(turns), max_tokens=24, grammar=one_of(words))


def _option_of(tool: ToolSpec) -> Option:
    purpose = tool.description.strip().splitlines()[0] if tool.description.strip() else "call this function"
    return Option(tool.name, purpose[:160])


def _question(options: Sequence[Option], message: str) -> Turn:
    lines = "\n".join(f"- {option.word}: {option.purpose}" for option in options)
    return Turn("user", f"Steps:\n{lines}\nMessage: {message[:_MESSAGE_LIMIT]}")


def _earlier(exchange: Sequence[ChatMessage], options: Sequence[Option]) -> list[Turn]:
    """Show an earlier exchange of this conversation with the step that was taken in it."""
    return [_question(options, _said(exchange)), Turn("assistant", _step_taken(exchange))]


def _said(exchange: Sequence[ChatMessage]) -> str:
    return "\n".join(message.text for message in exchange if isinstance(message, UserMessage))


def _step_taken(exchange: Sequence[ChatMessage]) -> str:
    for message in exchange:
        if isinstance(message, AssistantMessage) and message.tool_calls:
            call = message.tool_calls[0]
            code = code_of(call)
            if code is None:
                return call.name
            return PLOT if "plt." in code else COMPUTE
    return REPLY
