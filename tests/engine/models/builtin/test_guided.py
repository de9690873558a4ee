"""Tests of the guided adapter against a scripted model process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.engine.models.builtin.guided import GuidedChatModel
from app.engine.models.builtin.process import ModelProcess
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ChatRequest,
    Finished,
    ModelEvent,
    ModelInfo,
    SystemMessage,
    TextDelta,
    TextPart,
    ToolCall,
    ToolCallDelta,
    ToolMessage,
    ToolSpec,
    Usage,
    UserMessage,
)
from app.ids import CountingIds
from tests.engine.models.builtin.conftest import StandIn

INFO = ModelInfo("small", "Built-in model", 32_768)
PYTHON = ToolSpec("code_interpreter", "python", "Runs Python", {"type": "object"})
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOSED_CITY = {"additionalProperties": False, **CITY}
WEATHER = ToolSpec("function", "get_weather", "Weather of a city", CITY)
SEARCH = ToolSpec("file_search", "file_search", "Searches documents", {"type": "object"})
TIME = replace(WEATHER, name="get_time")
TRACEBACK = "Traceback (most recent call last):\n  ...\nNameError: name 'y' is not defined"


@pytest.fixture
def model(process: ModelProcess) -> GuidedChatModel:
    return GuidedChatModel(INFO, process, CountingIds())


def says(text: str) -> UserMessage:
    return UserMessage((TextPart(text),))


def ran(code: str, output: str, number: int = 1) -> list[ChatMessage]:
    call = ToolCall(f"call_{number}", "python", json.dumps({"code": code}))
    return [AssistantMessage("", (call,)), ToolMessage(f"call_{number}", output)]


def searched(passages: str) -> list[ChatMessage]:
    call = ToolCall("call_1", "file_search", json.dumps({"queries": ["it"]}))
    return [AssistantMessage("", (call,)), ToolMessage("call_1", passages)]


def request(*messages: ChatMessage, tools: Sequence[ToolSpec] = ()) -> ChatRequest:
    return ChatRequest("small", (SystemMessage("Be brief."), *messages), tuple(tools))


async def answer(model: GuidedChatModel, asked: ChatRequest) -> list[ModelEvent]:
    return [event async for event in model.stream(asked)]


def text_of(events: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: Sequence[ModelEvent]) -> list[tuple[str, object]]:
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            names[event.index] = names.get(event.index) or event.name or ""
            arguments[event.index] = arguments.get(event.index, "") + event.arguments
    return [(names[index], json.loads(arguments[index])) for index in names]


async def test_message_without_tools_is_answered_in_pieces(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("Hello, dear reader.")

    events = await answer(model, request(says("Hi")))

    assert text_of(events) == "Hello, dear reader."
    assert len(events) > 3
    assert events[-1] == Finished("stop", Usage(7, 3))


async def test_answer_that_is_too_long_ends_with_length(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will({"text": "Once upon", "cause": "limit"})

    events = await answer(model, replace(request(says("A tale")), max_tokens=2))

    assert events[-1] == Finished("length", Usage(7, 3))
    assert stand_in.requests[0]["n_predict"] == 2


async def test_program_streams_as_a_tool_call(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("compute", 'print("é", 1 \\\n + 1)\n')

    events = await answer(model, request(says("How much is one and one?"), tools=[PYTHON]))

    assert calls_of(events) == [("python", {"code": 'print("é", 1 \\\n + 1)\n'})]
    assert events[-1] == Finished("tool_calls", Usage(14, 6))
    assert len(events) > 5


async def test_choice_is_among_tools_on_offer_and_reply(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("reply", "Hello!")

    events = await answer(model, request(says("Hi"), tools=[PYTHON, WEATHER]))

    assert stand_in.requests[0]["grammar"] == (
        'root ::= "algebra" | "compute" | "plot" | "reply" | names\n'
        'names ::= name (", " name){0,3}\n'
        'name ::= "get_weather"'
    )
    assert text_of(events) == "Hello!"


async def test_chart_begins_with_its_imports(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("plot", "ggplot')\nplt.show()\n")

    events = await answer(model, request(says("A chart of it"), tools=[PYTHON]))

    head = "import numpy as np\nimport matplotlib.pyplot as plt\n\nplt.style.use('"
    assert calls_of(events) == [("python", {"code": head + "ggplot')\nplt.show()\n"})]
    assert str(stand_in.requests[1]["prompt"]).endswith("```python\n" + head)


async def test_output_is_answered_in_words(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("It is 2.")

    events = await answer(model, request(says("1 + 1?"), *ran("print(1 + 1)", "2"), tools=[PYTHON]))

    assert text_of(events) == "It is 2."
    assert "Output:\n2" in str(stand_in.requests[0]["prompt"])


@pytest.mark.parametrize("output", [TRACEBACK, "", "[no output]"])
async def test_program_that_failed_or_said_nothing_is_written_anew(
    model: GuidedChatModel, stand_in: StandIn, output: str
) -> None:
    stand_in.will("print(2)\n")

    events = await answer(model, request(says("1 + 1?"), *ran("print(y)", output), tools=[PYTHON]))

    assert calls_of(events) == [("python", {"code": "print(2)\n"})]


async def test_new_program_knows_the_failure_and_varies_more(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("print(2)\n")

    await answer(model, request(says("1 + 1?"), *ran("print(y)", TRACEBACK), tools=[PYTHON]))

    (sent,) = stand_in.requests
    assert "NameError: name 'y' is not defined" in str(sent["prompt"])
    assert sent["temperature"] == pytest.approx(0.4)


@pytest.mark.parametrize("output", ["Error: 0.05", "MeanSquaredError 3", "sandbox_unavailable: no tier holds"])
async def test_output_that_only_speaks_of_errors_is_answered(
    model: GuidedChatModel, stand_in: StandIn, output: str
) -> None:
    stand_in.will("There it is.")

    events = await answer(model, request(says("The error?"), *ran("print(e)", output), tools=[PYTHON]))

    assert text_of(events) == "There it is."


async def test_saved_file_is_to_be_linked(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("Here: [a.csv](sandbox:/mnt/data/a.csv)")
    output = "[saved /mnt/data/a.csv; link: sandbox:/mnt/data/a.csv]"

    await answer(model, request(says("Save it"), *ran("save()", output), tools=[PYTHON]))

    assert "with a link to each saved file" in str(stand_in.requests[0]["prompt"])


async def test_third_failure_is_told_to_the_user(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("I could not compute it.")
    tries = [message for number in range(3) for message in ran("print(y)", TRACEBACK, number)]

    events = await answer(model, request(says("1 + 1?"), *tries, tools=[PYTHON]))

    assert text_of(events) == "I could not compute it."


async def test_earlier_code_is_quoted_word_for_word(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("quote", "print(1 + 1)\n```\n")
    history = [says("1 + 1?"), *ran("print(1 + 1)", "2"), AssistantMessage("It is 2."), says("Show me the code")]

    events = await answer(model, request(*history, tools=[PYTHON]))

    choice, quote = stand_in.requests
    assert '"quote"' in str(choice["grammar"])
    assert str(quote["grammar"]).startswith('root ::= ("print(1 + 1)")')
    assert text_of(events) == "Here is the code that I ran:\n\n```python\nprint(1 + 1)\n```\n"


async def test_functions_are_called_with_arguments_of_their_schema(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("get_weather", '[{"city": "Paris"}, {"city": "Rome"}, {"city": "Rome"}]')

    events = await answer(model, request(says("Weather in Paris and Rome?"), tools=[WEATHER]))

    assert calls_of(events) == [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Rome"})]
    assert stand_in.requests[1]["json_schema"] == {"type": "array", "items": CLOSED_CITY, "minItems": 1, "maxItems": 5}
    assert [event.id for event in events if isinstance(event, ToolCallDelta)] == [
        "call_000000000000000000000001",
        "call_000000000000000000000002",
    ]


async def test_one_call_only_where_parallel_calls_are_off(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("get_weather", '[{"city": "Paris"}]')

    await answer(model, replace(request(says("Weather?"), tools=[WEATHER]), parallel_tool_calls=False))

    assert stand_in.requests[1]["json_schema"] == {"type": "array", "items": CLOSED_CITY, "minItems": 1, "maxItems": 1}


async def test_result_of_a_function_is_answered_in_words(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("18 degrees.")
    call = AssistantMessage("", (ToolCall("call_1", "get_weather", '{"city": "Paris"}'),))

    events = await answer(model, request(says("Weather?"), call, ToolMessage("call_1", "18"), tools=[WEATHER]))

    assert text_of(events) == "18 degrees."


async def test_answer_from_documents_ends_with_a_passages_mark(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will('It closes at nine. 【4:1†pier "north".md】')
    passages = (
        f'Write the mark.\n\n【4:0†fees.md】\n{"fee " * 700}\n\n【4:1†pier "north".md】 (page 2)\nClosed at nine.'
    )

    events = await answer(model, request(says("When does it close?"), *searched(passages), tools=[SEARCH]))

    assert text_of(events).endswith('【4:1†pier "north".md】')
    (sent,) = stand_in.requests
    assert 'mark ::= "【4:0†fees.md】" | "【4:1†pier \\"north\\".md】"' in str(sent["grammar"])
    assert "Closed at nine." in str(sent["prompt"])
    assert "[...]" not in str(sent["prompt"])


async def test_passages_are_read_in_their_order_as_far_as_there_is_room(
    model: GuidedChatModel, stand_in: StandIn
) -> None:
    stand_in.will("The documents do not tell that.")
    passages = "Write the mark.\n\n" + "\n\n".join(f"【4:{place}†a.md】\n{'word ' * 200}" for place in range(20))

    await answer(model, request(says("What is it?"), *searched(passages), tools=[SEARCH]))

    (sent,) = stand_in.requests
    assert "【4:4†a.md】" in str(sent["prompt"])
    assert "【4:19†a.md】" not in str(sent["prompt"])
    assert "【4:19†a.md】" not in str(sent["grammar"])


async def test_choice_none_answers_without_a_decision(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("No tools then.")

    events = await answer(model, replace(request(says("1 + 1?"), tools=[PYTHON]), tool_choice="none"))

    assert text_of(events) == "No tools then."
    assert "grammar" not in stand_in.requests[0]


async def test_choice_required_leaves_no_reply(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("get_weather", '[{"city": "Paris"}]')

    await answer(model, replace(request(says("Hi"), tools=[PYTHON, WEATHER]), tool_choice="required"))

    assert '"reply"' not in str(stand_in.requests[0]["grammar"])


async def test_named_function_is_called_without_a_decision(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will('[{"city": "Paris"}]')

    events = await answer(model, replace(request(says("Hi"), tools=[PYTHON, WEATHER]), tool_choice="tool:get_weather"))

    assert calls_of(events) == [("get_weather", {"city": "Paris"})]


async def test_named_code_interpreter_runs_some_program(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("compute", "print(2)")

    events = await answer(model, replace(request(says("Hi"), tools=[PYTHON, WEATHER]), tool_choice="tool:python"))

    assert calls_of(events) == [("python", {"code": "print(2)"})]
    assert stand_in.requests[0]["grammar"] == 'root ::= "algebra" | "compute" | "plot"'


async def test_answer_follows_a_json_schema(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will('{"city": "Paris"}')
    wanted = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}

    events = await answer(model, replace(request(says("Where?")), response_format=wanted))

    assert text_of(events) == '{"city": "Paris"}'
    assert stand_in.requests[0]["json_schema"] == CITY


async def test_unfinished_arguments_become_an_empty_call(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("get_weather", '[{"city": "Par')

    events = await answer(model, request(says("Weather?"), tools=[WEATHER, PYTHON]))

    assert calls_of(events) == [("get_weather", {})]


async def test_closing_the_stream_frees_the_model(
    model: GuidedChatModel, process: ModelProcess, stand_in: StandIn
) -> None:
    stand_in.will({"text": "Once upon a time", "hang": True}, "Next")
    stream = model.stream(request(says("A tale")))
    await anext(stream)
    await stream.aclose()

    assert text_of(await answer(model, request(says("Next")))) == "Next"
    assert model.info is INFO


async def test_functions_of_different_kinds_are_called_together(model: GuidedChatModel, stand_in: StandIn) -> None:
    stand_in.will("get_time, get_weather", '[{"city": "Rome"}]', '[{"city": "Oslo"}]')

    events = await answer(model, request(says("Time in Rome, weather in Oslo?"), tools=[WEATHER, TIME]))

    assert calls_of(events) == [("get_time", {"city": "Rome"}), ("get_weather", {"city": "Oslo"})]


async def test_functions_follow_each_other_where_parallel_calls_are_off(
    model: GuidedChatModel, stand_in: StandIn
) -> None:
    stand_in.will("get_time, get_weather", '[{"city": "Oslo"}]')
    called = AssistantMessage("", (ToolCall("call_1", "get_time", '{"city": "Rome"}'),))
    asked = request(says("Time and weather?"), called, ToolMessage("call_1", "9:00"), tools=[WEATHER, TIME])

    events = await answer(model, replace(asked, parallel_tool_calls=False))

    assert calls_of(events) == [("get_weather", {"city": "Oslo"})]
