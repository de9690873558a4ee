"""Assistants as JSON files: out, and in again without loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.playground.setup.test_setup import RICH, form_of
from tests.playground.setup_form import created, part, send, text
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2

    from tests.playground.visitor import Visitor


def export(visitor: Visitor, assistant_id: str) -> httpx2.Response:
    return visitor.client.get(f"{visitor.chat}/assistant/{assistant_id}/export")


def take_in(visitor: Visitor, definition: object) -> httpx2.Response:
    written = definition if isinstance(definition, str) else json.dumps(definition)
    return send(visitor, "assistant/import", definition=written)


def test_an_export_imports_without_loss(visitor: Visitor) -> None:
    rich = {**RICH, "instructions": "One\ntwo ü 🙂", "name": "Größe 10/10"}
    made = visitor.client.post("/v1/assistants", json=rich).json()
    response = export(visitor, made["id"])
    assert response.headers["content-disposition"] == 'attachment; filename="Gr-e-10-10.assistant.json"'
    exported = response.json()
    assert exported == {name: value for name, value in made.items() if name not in {"id", "object", "created_at"}}
    filled = take_in(visitor, response.text)
    assert part(filled, "setup-form").get("data-guard") == ""
    visitor.page = parsed(filled.text)
    again = created(send(visitor, "assistant/save", **form_of(visitor)))
    assert again != made["id"]
    assert export(visitor, again).json() == exported


def test_a_file_is_imported(visitor: Visitor) -> None:
    files = {"file": ("pirate.json", b'\xef\xbb\xbf{"model": "m", "name": "Pirate"}', "application/json")}
    path = f"{visitor.chat}/assistant/import"
    response = visitor.client.post(path, files=files, headers={"HX-Request": "true"})
    assert part(response, "name").get("value") == "Pirate"
    binary = visitor.client.post(path, files={"file": ("a.json", b"\xff\xfe", "application/json")})
    assert (binary.status_code, "no UTF-8 text" in binary.text) == (422, True)


def test_what_is_unknown_or_not_here_is_named_and_kept_where_it_can_be(visitor: Visitor) -> None:
    resources = {"code_interpreter": {"file_ids": ["file-gone"]}, "file_search": {"vector_store_ids": ["vs_gone"]}}
    data: dict[str, Any] = {"model": "m", "tools": [], "tool_resources": resources, "colour": "red", "id": "asst_x"}
    response = take_in(visitor, data)
    said = text(response, "assistant-field")
    assert "no such fields: colour." in said
    assert "Files that are not here: file-gone." in said
    assert "Vector stores that are not here: vs_gone." in said
    visitor.page = parsed(response.text)
    refused = send(visitor, "assistant/save", **form_of(visitor))
    assert refused.status_code == 422
    assert "file-gone" in text(refused, "code-files-error")


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ("{", "Line 1, column 2"),
        ("[]", "an object belongs here"),
        ("{}", "This is no assistant"),
        ('{"id": "asst_1", "x": 1}', "This is no assistant"),
        ('{"model": 3}', "Line 1, column 11: 'model' must be a text."),
        ('{"temperature": true}', "'temperature' must be a number."),
        ('{"tools": [\n{"type": "function"}]}', "Line 2, column 1: A tool of type function needs"),
        ('{"tools": ["x"]}', "A tool must be an object with a type."),
        ('{"metadata": {"a": 1}}', "Line 1, column 20: Values of metadata must be texts."),
        ('{"tool_resources": {"code_interpreter": {"file_ids": [1]}}}', "a list of file_ids"),
        ('{"name": "a", "name": "b"}', "The name 'name' stands twice"),
        ('{"temperature": NaN}', "NaN is no JSON number."),
        ('{"name": "\\ud800"}', "half a character"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "1" * 5000 + "}", "too long"),
        ("x" * 1_000_001, "longer than 1,000,000 characters"),
    ],
)
def test_what_is_no_assistant_is_refused_with_the_place(visitor: Visitor, definition: str, sentence: str) -> None:
    response = take_in(visitor, definition)
    assert response.status_code == 422
    assert sentence in text(response, "definition-error")


def test_hostile_names_are_shown_as_text(visitor: Visitor) -> None:
    name = "<script>alert(1)</script>" + "x" * 300
    response = take_in(visitor, {"model": "m", "name": name, "<b>": 1})
    assert part(response, "name").get("value") == name[:256]
    assert not parsed(response.text).xpath("//script|//b")


def test_the_import_asks_for_a_file_or_text(visitor: Visitor) -> None:
    sheet = visitor.client.get(f"{visitor.chat}/assistant/import")
    assert parsed(sheet.text).xpath("//input[@type='file']")
    checked = visitor.send("json/definition/check", definition='{"model": 3}')
    assert "'model' must be a text." in text(checked, "definition-error")
