"""The first decision of a turn: which tool the message needs, or a plain reply; the model picks from a grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.models.builtin.chatml import Turn
from app.engine.models.builtin.completion import Completion
from app.engine.models.builtin.conversation import code_of, code_tool, split_exchanges
from app.engine.models.builtin.grammar import one_or_names
from app.engine.models.port import AssistantMessage, ChatMessage, ChatRequest, ToolSpec, UserMessage

ALGEBRA = "algebra"
COMPUTE = "compute"
PLOT = "plot"
QUOTE = "quote"
REPLY = "reply"
SEPARATOR = ", "
CODE_STEPS = (ALGEBRA, COMPUTE, PLOT)

_EARLIER = 3
_CHOICE_TOKENS = 80
_MESSAGE_LIMIT = 1500


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on: a word for the grammar, and what it is for."""

    word: str
    purpose: str


_ALGEBRA = Option(ALGEBRA, "run Python with sympy to solve equations, simplify, factor, differentiate or integrate")
_COMPUTE = Option(COMPUTE, "run Python to calculate with numbers or dates, to count, or to analyse data and files")
_PLOT = Option(PLOT, "run Python to draw a chart, or to draw one again in another way")
_QUOTE = Option(QUOTE, "show or explain the code that was run earlier, without running anything")
_REPLY = Option(REPLY, "just answer in words: greetings, thanks, opinions, knowledge, what you can do")
_KNOWN = (_ALGEBRA, _COMPUTE, _PLOT, _QUOTE, _REPLY)

_SYSTEM = "Pick the step that the message needs, or all functions that it needs. Write only names.\n" + "\n".join(
    f"{option.word}: {option.purpose}" for option in _KNOWN
)

# Generic examples: they teach what the words mean, not what to do with any one question.
_CODE = (_ALGEBRA, _COMPUTE, _PLOT, _REPLY)
_CODE_RAN = (_ALGEBRA, _COMPUTE, _PLOT, _QUOTE, _REPLY)
_RECIPE = Option("find_recipe", "Find a recipe by its ingredients")
_SHOP = Option("find_shop", "Find a shop that is open")
_EXAMPLES = (
    (_CODE, "How much is 12 times 31, minus 7?", COMPUTE),
    (_CODE, "Good evening, how are you doing?", REPLY),
    (_CODE, "Draw the function ln(x).", PLOT),
    (_CODE_RAN, "Could you do that with thicker bars and a legend?", PLOT),
    (_CODE_RAN, "What did the program look like?", QUOTE),
    (_CODE_RAN, "What is the median of the second column?", COMPUTE),
    ((_RECIPE, _SHOP, _REPLY), "I have eggs and rice. Any dish?", "find_recipe"),
    ((_RECIPE, _REPLY), "Okay, great!", REPLY),
    ((_RECIPE, _SHOP, _REPLY), "Hey. What are your skills?", REPLY),
    ((_RECIPE, _SHOP, _REPLY), "A dish with leek, and where do I buy leek?", "find_recipe, find_shop"),
    ((_RECIPE, _SHOP, _REPLY), "Which shop sells tea?", "find_shop"),
    (_CODE, "Evaluate the integral of t^2 from 0 to 9.", ALGEBRA),
    (_CODE, "Why is the sky blue?", REPLY),
)


def options_of(request: ChatRequest, *, may_reply: bool) -> list[Option]:
    """Return what the model may choose from in this request."""
    options: list[Option] = []
    if code_tool(request.tools) is not None:
        options += [_ALGEBRA, _COMPUTE, _PLOT]
        if may_reply and ran_code(request):
            options.append(_QUOTE)
    options += [_option_of(tool) for tool in request.tools if tool.kind != "code_interpreter"]
    return [*options, _REPLY] if may_reply else options


def ran_code(request: ChatRequest) -> bool:
    """Tell whether the conversation holds code that was run."""
    calls = (
        call for message in request.messages if isinstance(message, AssistantMessage) for call in message.tool_calls
    )
    return any(code_of(call, request.tools) is not None for call in calls)


def step_of_program(code: str) -> str:
    """Return the step that a program takes, told from what it uses."""
    if "plt." in code:
        return PLOT
    return ALGEBRA if "sympy" in code else COMPUTE


def routing_completion(request: ChatRequest, options: Sequence[Option]) -> Completion:
    """Return the completion whose text is the chosen option's word, or functions' names with a separator."""
    exchanges = split_exchanges(request.messages)
    turns = [Turn("system", _SYSTEM)]
    for example_options, message, word in _EXAMPLES:
        turns += [_question(example_options, message), Turn("assistant", word)]
    for exchange in exchanges[-1 - _EARLIER : -1]:
        turns += _earlier(exchange, options, request.tools)
    turns.append(_question(options, _said(exchanges[-1]) if exchanges else ""))
    words = [option.word for option in options if option in _KNOWN]
    names = [option.word for option in options if option not in _KNOWN]
    return Completion(tuple(turns), max_tokens=_CHOICE_TOKENS, grammar=one_or_names(words, names, SEPARATOR))


def _option_of(tool: ToolSpec) -> Option:
    purpose = tool.description.strip().splitlines()[0] if tool.description.strip() else "call this function"
    return Option(tool.name, purpose[:160])


def _question(options: Sequence[Option], message: str) -> Turn:
    steps = ", ".join(option.word if option in _KNOWN else f"{option.word} ({option.purpose})" for option in options)
    return Turn("user", f"Steps: {steps}\nMessage: {message[:_MESSAGE_LIMIT]}")


def _earlier(exchange: Sequence[ChatMessage], options: Sequence[Option], tools: Sequence[ToolSpec]) -> list[Turn]:
    """Show an earlier exchange of this conversation with the step that was taken in it."""
    return [_question(options, _said(exchange)), Turn("assistant", _step_taken(exchange, tools))]


def _said(exchange: Sequence[ChatMessage]) -> str:
    return "\n".join(message.text for message in exchange if isinstance(message, UserMessage))


def _step_taken(exchange: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> str:
    for message in exchange:
        if isinstance(message, AssistantMessage) and message.tool_calls:
            code = code_of(message.tool_calls[0], tools)
            if code is not None:
                return step_of_program(code)
            return SEPARATOR.join(dict.fromkeys(call.name for call in message.tool_calls))
    return REPLY
