"""Tests of the prompt that decides the next step."""

from __future__ import annotations

import json

from app.engine.models.builtin.chatml import render
from app.engine.models.builtin.routing import options_of, routing_completion
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ChatRequest,
    TextPart,
    ToolCall,
    ToolMessage,
    ToolSpec,
    UserMessage,
)

PYTHON = ToolSpec("code_interpreter", "python", "Runs Python", {})
SEARCH = ToolSpec("file_search", "file_search", "Searches the files\nwith a query", {})


def says(text: str) -> UserMessage:
    return UserMessage((TextPart(text),))


def ran(code: str) -> list[ChatMessage]:
    call = ToolCall("call_1", "python", json.dumps({"code": code}))
    return [AssistantMessage("", (call,)), ToolMessage("call_1", "1"), AssistantMessage("Done.")]


def prompt(*messages: ChatMessage) -> str:
    request = ChatRequest("small", messages, (PYTHON, SEARCH))
    return render(routing_completion(request, options_of(request, may_reply=True)).turns)


def test_beginning_of_the_prompt_does_not_depend_on_the_message() -> None:
    one, other = prompt(says("One")), prompt(says("Other"))

    assert one.index("One<|im_end|>") > len(one) - 80
    assert one.replace("One", "Other") == other


def test_functions_are_told_with_the_first_line_of_their_purpose() -> None:
    assert "file_search (Searches the files), reply\nMessage: Hi" in prompt(says("Hi"))


def test_quote_is_an_option_only_after_code_was_run() -> None:
    before = ChatRequest("small", (says("Hi"),), (PYTHON,))
    after = ChatRequest("small", (says("Hi"), *ran("print(1)"), says("And?")), (PYTHON,))

    assert "quote" not in [option.word for option in options_of(before, may_reply=True)]
    assert "quote" in [option.word for option in options_of(after, may_reply=True)]


def test_earlier_messages_show_the_steps_that_were_taken() -> None:
    history = [says("Draw it"), *ran("plt.show()"), says("Solve it"), *ran("import sympy"), says("Ok")]

    text = prompt(*history, AssistantMessage("Fine."), says("More"))

    steps = [part.split("<|im_end|>")[0] for part in text.split("assistant\n")]
    assert steps[-4:-1] == ["plot", "algebra", "reply"]


def test_earlier_function_calls_are_named() -> None:
    searched = AssistantMessage("", (ToolCall("call_1", "file_search", '{"query": "x"}'),))

    assert "<|im_start|>assistant\nfile_search<|im_end|>" in prompt(says("Find it"), searched, says("More"))


def test_conversation_without_a_user_can_be_routed() -> None:
    assert prompt().endswith("Message: <|im_end|>\n<|im_start|>assistant\n")
