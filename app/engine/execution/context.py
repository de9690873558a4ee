"""Fitting a conversation into a model's context window."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ImagePart,
    SystemMessage,
    TextPart,
    ToolMessage,
    ToolSpec,
    UserMessage,
)

CHARACTERS_PER_TOKEN = 3.5
"""An estimate on the safe side for English and code, used where the model's tokenizer is not known."""

_MESSAGE_TOKENS = 4
_IMAGE_TOKENS = 800
_REPLY_SHARE = 4
_LONGEST_REPLY = 4096


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a text takes."""
    return int(len(text.encode()) / CHARACTERS_PER_TOKEN) + 1


def message_tokens(message: ChatMessage) -> int:
    """Estimate how many tokens a message takes."""
    match message:
        case SystemMessage(text=text) | ToolMessage(text=text):
            return estimate_tokens(text) + _MESSAGE_TOKENS
        case UserMessage(parts=parts):
            return sum(_part_tokens(part) for part in parts) + _MESSAGE_TOKENS
        case AssistantMessage(text=text, tool_calls=calls):
            called = sum(estimate_tokens(call.name + call.arguments) + _MESSAGE_TOKENS for call in calls)
            return estimate_tokens(text) + called + _MESSAGE_TOKENS


def tool_tokens(tools: Sequence[ToolSpec]) -> int:
    """Estimate how many tokens the tools' descriptions take."""
    return sum(estimate_tokens(tool.description + json.dumps(dict(tool.parameters))) + 8 for tool in tools)


def fit(messages: Sequence[ChatMessage], window: int, *, reserved: int = 0) -> tuple[ChatMessage, ...]:
    """Leave out the oldest exchanges until the rest fits into `window` tokens with room for a reply.

    The system message and everything from the last user message on stay; a tool call is never parted from its
    output. Where even that is too long, the longest texts of it lose their middle.
    """
    budget = window - reserved - min(_LONGEST_REPLY, window // _REPLY_SHARE)
    system = [message for message in messages[:1] if isinstance(message, SystemMessage)]
    blocks = _blocks(messages[len(system) :])
    keep_from = _last_user_block(blocks)
    kept = [*system, *(message for block in blocks[keep_from:] for message in block)]
    kept = _shorten(kept, budget)
    left = budget - sum(map(message_tokens, kept))
    older: list[ChatMessage] = []
    for block in reversed(blocks[:keep_from]):
        left -= sum(map(message_tokens, block))
        if left < 0:
            break
        older[:0] = block
    return (*system, *older, *kept[len(system) :])


def _part_tokens(part: TextPart | ImagePart) -> int:
    return estimate_tokens(part.text) if isinstance(part, TextPart) else _IMAGE_TOKENS


def _blocks(messages: Sequence[ChatMessage]) -> list[list[ChatMessage]]:
    """Group each message with the tool outputs that follow it."""
    blocks: list[list[ChatMessage]] = []
    for message in messages:
        if isinstance(message, ToolMessage) and blocks:
            blocks[-1].append(message)
        else:
            blocks.append([message])
    return blocks


def _last_user_block(blocks: Sequence[Sequence[ChatMessage]]) -> int:
    for index in range(len(blocks) - 1, -1, -1):
        if isinstance(blocks[index][0], UserMessage):
            return index
    return max(len(blocks) - 1, 0)


def _shorten(messages: list[ChatMessage], budget: int) -> list[ChatMessage]:
    total = sum(map(message_tokens, messages))
    if total <= budget:
        return messages
    allowance = max(int(budget / max(len(messages), 1) * CHARACTERS_PER_TOKEN), 200)
    return [_without_middle(message, allowance) for message in messages]


def _without_middle(message: ChatMessage, allowance: int) -> ChatMessage:
    match message:
        case SystemMessage(text=text) | ToolMessage(text=text):
            return replace(message, text=cut(text, allowance))
        case UserMessage(parts=parts):
            shorter = (
                replace(part, text=cut(part.text, allowance)) if isinstance(part, TextPart) else part for part in parts
            )
            return UserMessage(tuple(shorter))
        case AssistantMessage(text=text):
            return replace(message, text=cut(text, allowance))


def cut(text: str, allowance: int) -> str:
    """Take out a long text's middle, so that about `allowance` characters are left."""
    if len(text) <= allowance:
        return text
    half = allowance // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"
