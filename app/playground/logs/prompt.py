"""The prompt view of a run: what each call of the model was sent, and what truncation left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/runs/{run_id}")

Json = dict[str, Any]
_UNTOLD: Final = "This service does not tell what its models were sent. The built-in engine does."
_ROLES: Final = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool output"}


@dataclass(frozen=True, slots=True)
class PromptMessageView:
    """One message of a prompt."""

    role: str
    text: str
    tokens: int
    was_shortened: bool


@dataclass(frozen=True, slots=True)
class PromptCallView:
    """One call of the model."""

    number: int
    time: str
    model: str
    provider: str
    window: int
    messages: tuple[PromptMessageView, ...]
    left_out: tuple[PromptMessageView, ...]
    earlier_messages: int
    tools: tuple[tuple[str, str], ...]
    tool_tokens: int
    settings: str
    prompt_tokens: int | None
    completion_tokens: int | None
    is_cut: bool

    @property
    def estimated_tokens(self) -> int:
        """What messages and tools take together, estimated."""
        return self.tool_tokens + sum(message.tokens for message in self.messages)

    @property
    def share(self) -> int:
        """How much of the model's window that is, in per cent."""
        return min(100, round(100 * self.estimated_tokens / max(self.window, 1)))


@router.get("/prompt")
async def show_prompt(run_id: str, session: SessionDep, playground: PlaygroundDep) -> HTMLResponse:
    """Show the prompt view of a run in the sheet."""
    calls, reason = [], ""
    try:
        if session.has_extensions:
            calls = [call_view(call) for call in (await _prompt(session, run_id))["calls"]]
        else:
            reason = _UNTOLD
    except NotFound:
        reason = _UNTOLD
    content = playground.renderer.render(
        "parts/prompt/sheet.html", calls=calls, reason=reason, run_id=run_id, chat_id=session.chat.id
    )
    return HTMLResponse(content)


def call_view(call: Json) -> PromptCallView:
    """Return what the sheet shows of a call."""
    settings = dict(call["settings"])
    tools = tuple((_tool_name(tool), _pretty(tool)) for tool in settings.pop("tools", ()))
    return PromptCallView(
        number=call["number"],
        time=datetime.fromtimestamp(call["created_at"]).astimezone().strftime("%H:%M:%S"),
        model=str(settings.pop("model", "")),
        provider=str(call["provider"]),
        window=int(call["context_window"]),
        messages=tuple(message_view(message) for message in call["messages"]),
        left_out=tuple(message_view(message) for message in call["left_out"]),
        earlier_messages=int(call["earlier_messages"]),
        tools=tools,
        tool_tokens=int(call["estimated_tool_tokens"]),
        settings=", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()),
        prompt_tokens=call["prompt_tokens"],
        completion_tokens=call["completion_tokens"],
        is_cut=bool(call["is_cut"]),
    )


def message_view(message: Json) -> PromptMessageView:
    """Return what the sheet shows of a message."""
    content = message.get("content") or ""
    parts = [content] if isinstance(content, str) else [_part(part) for part in content]
    called = [_called(call) for call in message.get("tool_calls") or ()]
    return PromptMessageView(
        role=_ROLES.get(str(message["role"]), str(message["role"])),
        text="\n".join(part for part in (*parts, *called) if part),
        tokens=int(message["estimated_tokens"]),
        was_shortened=bool(message["was_shortened"]),
    )


async def _prompt(session: Session, run_id: str) -> Json:
    address = f"/threads/{quote(session.thread_id, safe='')}/runs/{quote(run_id, safe='')}/prompt"
    with session.calls():
        answer: Json = await session.client.get(address, cast_to=dict[str, Any])
    return answer


def _part(part: Mapping[str, Any]) -> str:
    return str(part["text"]) if part["type"] == "text" else f"[image {part['image_url']['url']}]"


def _called(call: Json) -> str:
    return f"{call['function']['name']}({call['function']['arguments']})"


def _tool_name(tool: Json) -> str:
    return str(tool.get("function", {}).get("name") or tool.get("type"))


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
