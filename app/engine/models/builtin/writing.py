"""The completions that write a program, a function's arguments, or the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.engine.models.builtin.chatml import Turn
from app.engine.models.builtin.completion import Completion
from app.engine.models.builtin.conversation import code_of, found_passages, split_exchanges, turns_of
from app.engine.models.builtin.drafting import FENCE, head_of
from app.engine.models.builtin.grammar import NOT_FOUND, answer_schema, citing, list_of_arguments, quoting
from app.engine.models.builtin.planning import Draft, Reply
from app.engine.models.port import AssistantMessage, ChatRequest, ToolMessage, ToolSpec

QUOTE_OPENING = f"Here is the code that I ran:\n\n{FENCE}"

_CODE_TOKENS = 900
_ANSWER_TOKENS = 1200
_MOST_CALLS = 5
_MOST_PROGRAMS = 6
_MOST_MARKS = 20
_ROOM_CHARACTERS = 16_000

_CORRECT = "(A first program failed: {failure}. Write another one, in a simpler way.)"
_USE_OUTPUT = "Answer my message now with this output, in one or two sentences, without code"
_USE_PASSAGES = (
    "Answer my message now from these passages, in one or two sentences, with the mark of the passage that tells it. "
    f"If no passage tells it, write: {NOT_FOUND}"
)
_MARK = re.compile(r"^【\d+:\d+†[^】\n]+】", re.MULTILINE)
_NO_LINK = " and without links."
_LINK = ", with a link to each saved file, like [name.csv](sandbox:/mnt/data/name.csv)."


def code_completion(request: ChatRequest, draft: Draft) -> tuple[str, Completion]:
    """Return the head of the program, and the completion that goes on after it."""
    head = head_of(draft.step, request.files)
    turns = turns_of(request, limit=_ROOM_CHARACTERS, without_tries=True)
    if draft.failure:
        turns = _add_to_last(turns, _CORRECT.format(failure=draft.failure))
    temperature = request.temperature if request.temperature is not None else 0.1
    return head, Completion(
        tuple(turns),
        opening=FENCE + head,
        max_tokens=_CODE_TOKENS,
        temperature=min(temperature, 0.3) + 0.3 * draft.attempt,
        stop=("```",),
    )


def calls_completion(request: ChatRequest, tool: ToolSpec) -> Completion:
    """Return the completion that writes a JSON list of the arguments of the function's calls."""
    most = _MOST_CALLS if request.parallel_tool_calls else 1
    turns = turns_of(request, limit=_ROOM_CHARACTERS)
    about = f"Function {tool.name}: {tool.description}\nWrite the arguments of each call that my message needs."
    return Completion(
        tuple(_add_to_last(turns, about)),
        max_tokens=_CODE_TOKENS,
        json_schema=list_of_arguments(tool.parameters, most=most),
    )


def reply_completion(request: ChatRequest, reply: Reply) -> tuple[str, Completion]:
    """Return the opening of the answer, and the completion that goes on after it."""
    turns = turns_of(request, limit=_ROOM_CHARACTERS)
    schema = answer_schema(request.response_format)
    last = request.messages[-1] if request.messages else None
    marks = marks_of(request) if schema is None else []
    if marks:
        turns = _add_to_last(turns, _USE_PASSAGES)
    elif isinstance(last, ToolMessage):
        turns = _add_to_last(turns, _USE_OUTPUT + (_LINK if "sandbox:/mnt/data/" in last.text else _NO_LINK))
    programs = programs_of(request) if reply.quotes_code else []
    opening = QUOTE_OPENING if programs else ""
    return opening, Completion(
        tuple(turns),
        opening=opening,
        max_tokens=request.max_tokens or _ANSWER_TOKENS,
        temperature=0.2 if request.temperature is None else request.temperature,
        top_p=0.95 if request.top_p is None else request.top_p,
        grammar=quoting(programs) if programs else citing(marks) if marks else None,
        json_schema=None if programs else schema,
    )


def marks_of(request: ChatRequest) -> list[str]:
    """Return the marks of the passages that the conversation's last searches have found, the best first."""
    exchanges = split_exchanges(request.messages)
    newest = exchanges[-1] if exchanges and isinstance(exchanges[-1][-1], ToolMessage) else []
    found = found_passages(newest, request.tools).values()
    return list(dict.fromkeys(mark for text in found for mark in _MARK.findall(text)))[:_MOST_MARKS]


def programs_of(request: ChatRequest) -> list[str]:
    """Return the programs that were run, the latest first, each once."""
    calls = [
        call for message in request.messages if isinstance(message, AssistantMessage) for call in message.tool_calls
    ]
    codes = [code.strip() for call in reversed(calls) if (code := code_of(call, request.tools)) is not None]
    return list(dict.fromkeys(codes))[:_MOST_PROGRAMS]


def _add_to_last(turns: Sequence[Turn], text: str) -> list[Turn]:
    return [*turns[:-1], Turn(turns[-1].role, f"{turns[-1].text}\n\n{text}")]
