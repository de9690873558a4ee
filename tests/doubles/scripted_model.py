"""A Chat Completions endpoint that answers by script: a double of a model provider, served by a real uvicorn.

A user's message scripts the answer by lines that begin with `!`; the model takes one action per request:

    !code print(6 * 7)     calls the code interpreter; further lines up to the next `!` belong to the code
    !say Hello **there**   answers with this text, word by word; further lines belong to the text
    !call NAME {"a": 1}    calls a function; further lines of this form call more functions at the same time
    !slow 0.05             waits that long before each piece of what follows
    !finish length         gives this reason for the end of what follows
    !fail 500              answers with this HTTP status
    !cut                   ends the response in the middle

Without such lines it knows the first messages of the two starters and the question for their code; anything else is
answered with `You said: …`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

MODEL: Final = "scripted-model"

_EQUATION = """from sympy import symbols, Eq, solve

x = symbols("x")
solution = solve(Eq(3 * x + 11, 14), x)
print(f"x = {solution[0]}")"""
_SINE = """import numpy as np
import matplotlib.pyplot as plt

x = np.linspace(0, 2 * np.pi, 400)
plt.figure(figsize=(8, 4))
plt.plot(x, np.sin(x))
plt.title("Sine wave")
plt.xlabel("x")
plt.ylabel("sin(x)")
plt.grid(True)
plt.show()"""
_SOLVED = r"""To solve the equation, isolate \(x\):

1. Subtract 11 from both sides: \(3x = 3\)
2. Divide both sides by 3: \(x = 1\)

The solution is **x = 1**. Substituting it back gives \(3 \cdot 1 + 11 = 14\), so it holds."""


@dataclass(frozen=True, slots=True)
class Action:
    """What the model does in one request."""

    kind: str
    text: str = ""
    pause_seconds: float = 0.0
    finish: str = ""


_KNOWN: Final = {
    "3x + 11 = 14": (Action("code", _EQUATION), Action("say", _SOLVED)),
    "visualization of a sinewave": (Action("code", _SINE), Action("say", "Here is the sine wave from 0 to 2π.")),
    "show me the code": (Action("say", f"This is the code that ran:\n\n```python\n{_EQUATION}\n```"),),
}


def create_scripted_model() -> FastAPI:
    """Build the endpoint."""
    app = FastAPI()

    @app.get("/v1/models")
    async def list_models() -> dict[str, object]:
        model = {"id": MODEL, "object": "model", "created": 1_700_000_000, "owned_by": "tests"}
        return {"object": "list", "data": [model]}

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await request.json()
        action = next_action(body["messages"])
        if action.kind == "fail":
            error = {"message": "The scripted model fails on demand.", "type": "server_error", "code": None}
            return JSONResponse({"error": error}, int(action.text))
        return StreamingResponse(_stream(action, body), media_type="text/event-stream")

    return app


def next_action(messages: list[dict[str, Any]]) -> Action:
    """Return what comes next: the last user message's script, counted on by the answers since that called tools."""
    last = max((index for index, message in enumerate(messages) if message["role"] == "user"), default=0)
    done = sum(bool(message.get("tool_calls")) for message in messages[last:])
    actions = script(_text(messages[last]["content"]) if messages else "")
    return actions[min(done, len(actions) - 1)] if done < len(actions) else Action("say", "Done.")


def script(text: str) -> tuple[Action, ...]:
    """Read the actions that a message asks for."""
    known = next((actions for words, actions in _KNOWN.items() if words in text.lower()), None)
    if known:
        return known
    actions: list[Action] = []
    pause, finish = 0.0, ""
    for kind, argument in re.findall(r"^!(\w+) ?((?:(?!^!).*\n?)*)", text, re.MULTILINE):
        if kind == "slow":
            pause = float(argument)
        elif kind == "finish":
            finish = argument.strip()
        else:
            actions.append(Action(kind, argument.strip(), pause, finish))
    return tuple(actions) or (Action("say", f"You said: {text}"),)


async def _stream(action: Action, body: dict[str, Any]) -> AsyncIterator[str]:
    """Stream a completion in small pieces."""
    for delta in _deltas(action, body.get("tools") or []):
        await asyncio.sleep(action.pause_seconds)
        yield _chunk({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    if action.kind == "cut":
        return
    finish = action.finish or ("stop" if action.kind == "say" else "tool_calls")
    yield _chunk({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    usage = {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160}
    yield _chunk({"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _deltas(action: Action, tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if action.kind in {"say", "cut"}:
        return [{"role": "assistant", "content": ""}, *({"content": piece} for piece in _pieces(action.text or "Half"))]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    for index, (name, arguments) in enumerate(_called(action, tools)):
        first = {"index": index, "id": f"call_scripted_{index}", "type": "function"}
        deltas.append({"tool_calls": [{**first, "function": {"name": name, "arguments": ""}}]})
        pieces = ({"index": index, "function": {"arguments": piece}} for piece in _pieces(arguments))
        deltas += [{"tool_calls": [piece]} for piece in pieces]
    return deltas


def _called(action: Action, tools: list[dict[str, Any]]) -> list[tuple[str, str]]:
    if action.kind == "call":
        named = (line.partition(" ") for line in action.text.splitlines())
        return [(name, arguments or "{}") for name, _, arguments in named]
    offered = [tool["function"]["name"] for tool in tools]
    name = next((name for name in offered if name in {"python", "code_interpreter"}), "python")
    return [(name, json.dumps({"code": action.text}))]


def _pieces(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+", text) or [text]


def _chunk(fields: dict[str, Any]) -> str:
    body = {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0, "model": MODEL, **fields}
    return f"data: {json.dumps(body)}\n\n"


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content)


app = create_scripted_model()
