"""The function editor: functions live in the form until the assistant is saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.playground.setup_form import created, part, save, send, sent_by, stored, text, values
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from tests.playground.visitor import Visitor

OBJECT = '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}'
FIRST = '{"name": "first", "parameters": {}}'
SECOND = '{"name": "second", "description": "Two", "strict": false, "extra": 1}'


def test_a_function_is_added_and_saved_with_the_assistant(visitor: Visitor) -> None:
    response = send(visitor, "functions/keep", function=[FIRST], name="get_weather", parameters=OBJECT, strict="")
    functions = values(response, "function")
    assert [json.loads(each)["name"] for each in functions] == ["first", "get_weather"]
    assert "(city)" in response.text
    assistant = stored(visitor, created(save(visitor, function=functions)))
    tools = [tool["function"] for tool in assistant["tools"] if tool["type"] == "function"]
    assert [tool["name"] for tool in tools] == ["first", "get_weather"]
    assert tools[1]["parameters"] == json.loads(OBJECT)


def test_an_edited_function_keeps_its_place_and_what_the_editor_does_not_show(visitor: Visitor) -> None:
    editor = send(visitor, "functions/1/edit", function=[FIRST, SECOND])
    assert part(editor, "function-name").get("value") == "second"
    fields = sent_by(part(editor, "function-form"))
    response = send(visitor, "functions/keep", **{**fields, "name": "renamed", "function": [FIRST, SECOND]})
    kept = [json.loads(each) for each in values(response, "function")]
    assert kept == [json.loads(FIRST), {"name": "renamed", "description": "Two", "extra": 1}]


def test_functions_are_duplicated_and_removed(visitor: Visitor) -> None:
    copied = values(send(visitor, "functions/0/duplicate", function=[FIRST, SECOND]), "function")
    assert [json.loads(each)["name"] for each in copied] == ["first", "first_2", "second"]
    left = values(send(visitor, "functions/0/remove", function=copied), "function")
    assert [json.loads(each)["name"] for each in left] == ["first_2", "second"]
    assert send(visitor, "functions/9/duplicate", function=[FIRST]).status_code == 404


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"name": "not ok"}, "function-name-error", "Use 1 to 64 letters"),
        ({"name": "x" * 65}, "function-name-error", "Use 1 to 64 letters"),
        ({"name": "first"}, "function-name-error", "Another function is called 'first'"),
        ({"description": "x" * 1025}, "function-description-error", "At most 1,024 characters"),
        ({"parameters": '{"type": "object",\n  "properties": }'}, "parameters-error", "Line 2, column 17"),
        ({"parameters": "[1]"}, "parameters-error", "an object belongs here"),
        ({"parameters": '{"type": "string"}'}, "parameters-error", "type object"),
        ({"parameters": OBJECT, "strict": "on"}, "parameters-error", "additionalProperties"),
    ],
)
def test_a_function_that_the_api_would_refuse_stays_in_the_editor(
    visitor: Visitor, fields: dict[str, str], place: str, sentence: str
) -> None:
    sent = {"name": "fine", "parameters": OBJECT, **fields}
    response = send(visitor, "functions/keep", function=[FIRST], **sent)
    assert response.status_code == 422
    assert sentence in text(response, place)
    assert part(response, "function-name").get("value") == sent["name"]
    assert part(response, "parameters").text_content().strip() == sent["parameters"].replace("\r", "")


def test_a_whole_definition_may_be_pasted_into_the_parameters(visitor: Visitor) -> None:
    tool = {"type": "function", "function": {"name": "pasted", "description": "Hi", "parameters": json.loads(OBJECT)}}
    response = send(visitor, "functions/keep", parameters=json.dumps(tool))
    assert [json.loads(each) for each in values(response, "function")] == [tool["function"]]


def test_a_new_function_starts_from_a_sample(visitor: Visitor) -> None:
    empty = visitor.client.get(f"{visitor.chat}/functions/new")
    samples = [button.text for button in parsed(empty.text).xpath("//div[@aria-label='Samples']/button")]
    assert "get_weather" in samples
    for sample in samples:
        filled = visitor.client.get(f"{visitor.chat}/functions/new", params={"sample": sample})
        fields = sent_by(part(filled, "function-form"))
        assert send(visitor, "functions/keep", **fields).status_code == 200


def test_json_is_checked_and_laid_out_while_it_is_written(visitor: Visitor) -> None:
    checked = visitor.send("json/parameters/check", parameters='{"type": "objekt"}')
    assert "Line 1, column 1" in text(checked, "parameters-error")
    assert text(visitor.send("json/parameters/check", parameters=OBJECT), "parameters-error") == ""
    assert text(visitor.send("json/parameters/check", parameters=" "), "parameters-error") == ""
    schema = '{"name": "a", "schema": {"type": "object"}}'
    assert text(visitor.send("json/response_schema/check", response_schema=schema), "response_schema-error") == ""
    laid_out = visitor.send("json/parameters/format", parameters='{"a":["ü"]}')
    assert part(laid_out, "parameters").text_content().strip() == '{\n  "a": [\n    "ü"\n  ]\n}'
    broken = visitor.send("json/parameters/format", parameters='{"a":')
    assert part(broken, "parameters").text_content().strip() == '{"a":'
    assert "Line 1, column 6" in text(broken, "parameters-error")
