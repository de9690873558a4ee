from __future__ import annotations

from app.engine.execution.context import fit, message_tokens
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    SystemMessage,
    TextPart,
    ToolCall,
    ToolMessage,
    UserMessage,
)


def user(text: str) -> UserMessage:
    return UserMessage((TextPart(text),))


def test_what_fits_is_left_alone() -> None:
    messages = (SystemMessage("Be kind"), user("Hi"), AssistantMessage("Hello"), user("Bye"))
    assert fit(messages, 8_000) == messages


def test_the_oldest_exchanges_are_left_out_first() -> None:
    old = [message for index in range(50) for message in (user(f"{index} " + "x" * 400), AssistantMessage("y" * 400))]
    kept = fit([SystemMessage("Be kind"), *old, user("Last")], 2_000)
    assert kept[0] == SystemMessage("Be kind")
    assert kept[-1] == user("Last")
    assert 2 < len(kept) < len(old)
    assert kept[1:-1] == tuple(old[-(len(kept) - 2) :])
    assert sum(map(message_tokens, kept)) <= 2_000


def test_a_tool_call_is_never_parted_from_its_output() -> None:
    pair: list[ChatMessage] = [
        AssistantMessage("", (ToolCall("call_1", "python", "x" * 2_000),)),
        ToolMessage("call_1", "y" * 2_000),
    ]
    kept = fit([user("First"), *pair, AssistantMessage("There"), user("Last")], 1_200)
    assert not any(isinstance(message, ToolMessage) for message in kept)
    assert not any(isinstance(message, AssistantMessage) and message.tool_calls for message in kept)


def test_a_single_message_that_is_too_long_loses_its_middle() -> None:
    (kept,) = fit([user("start " + "x" * 100_000 + " end")], 2_000)
    assert isinstance(kept, UserMessage)
    assert kept.text.startswith("start")
    assert kept.text.endswith("end")
    assert message_tokens(kept) < 2_000
