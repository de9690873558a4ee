"""The setup pane: assistants are created, changed, chosen, copied and deleted through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.playground.setup_form import created, part, save, send, sent_by, stored, text, values
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

LOOK_UP: dict[str, Any] = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
RICH: dict[str, Any] = {
    "model": "scripted",
    "name": "Rich",
    "description": "Has everything.",
    "instructions": "One\r\ntwo",
    "tools": [LOOK_UP, {"type": "file_search", "file_search": {"max_num_results": 7}}, {"type": "code_interpreter"}],
    "metadata": {"team": "blue"},
    "temperature": 0.25,
    "top_p": 0.123456789,
    "reasoning_effort": "low",
    "response_format": {"type": "json_schema", "json_schema": {"name": "any", "schema": {"type": "array"}}},
}

BIG = '{"name": "%s", "parameters": {"type": "object", "description": "' + "x" * 600_000 + '"}}'


def test_an_assistant_is_created_and_chosen(visitor: Visitor) -> None:
    response = save(visitor)
    assistant_id = created(response)
    assert (assistant_id[:5], text(response, "assistant")) == ("asst_", "Pirate")
    assert "Saved" in response.text
    visitor.open()
    assert visitor.one("name").get("value") == "Pirate"


def test_all_settings_are_saved_and_taken_back(visitor: Visitor) -> None:
    settings: dict[str, str | list[str]] = {
        "description": "At sea",
        "temperature": "0,5",
        "top_p": "0.9",
        "response_format": "json_object",
        "reasoning_effort": "high",
        "metadata_key": ["team", ""],
        "metadata_value": ["blue", ""],
    }
    assistant_id = created(save(visitor, **settings))
    assistant = stored(visitor, assistant_id)
    assert (assistant["temperature"], assistant["top_p"], assistant["reasoning_effort"]) == (0.5, 0.9, "high")
    assert (assistant["response_format"], assistant["metadata"]) == ({"type": "json_object"}, {"team": "blue"})
    response = save(visitor, assistant_id=assistant_id, temperature="", top_p="1")
    assistant = stored(visitor, assistant_id)
    assert (assistant["temperature"], assistant["top_p"], assistant["reasoning_effort"]) == (1.0, 1.0, None)
    assert (assistant["response_format"], assistant["metadata"], assistant["description"]) == ("auto", {}, "")
    assert text(response, "settings-summary") == "All at their defaults"


def form_of(visitor: Visitor) -> dict[str, str | list[str]]:
    return sent_by(visitor.one("setup-form"))


def test_saving_an_untouched_form_changes_nothing_and_asks_for_nothing(visitor: Visitor) -> None:
    made = visitor.client.post("/v1/assistants", json=RICH).json()
    visitor.send("assistant", assistant_id=made["id"])
    visitor.open()
    assert send(visitor, "assistant/save", **form_of(visitor)).status_code == 200
    assert stored(visitor, made["id"]) == made


def test_a_change_keeps_what_the_form_does_not_show(visitor: Visitor) -> None:
    made = visitor.client.post("/v1/assistants", json=RICH).json()
    visitor.send("assistant", assistant_id=made["id"])
    visitor.open()
    fields = {**form_of(visitor), "name": "Richer"}
    del fields["code_interpreter"]
    assert send(visitor, "assistant/save", **fields).status_code == 200
    assistant = stored(visitor, made["id"])
    assert assistant["name"] == "Richer"
    assert sorted(assistant["tools"], key=str) == sorted(RICH["tools"][:2], key=str)
    assert assistant["instructions"] == "One\r\ntwo"


def test_a_copy_takes_everything_over(visitor: Visitor) -> None:
    made = visitor.client.post("/v1/assistants", json=RICH).json()
    visitor.send("assistant", assistant_id=made["id"])
    response = visitor.send("assistant/duplicate")
    assert part(response, "setup-form").get("data-guard") == ""
    assert values(response, "assistant_id") == [""]
    visitor.page = parsed(response.text)
    copy_id = created(send(visitor, "assistant/save", **form_of(visitor)))
    copy = stored(visitor, copy_id)
    different = {name for name in made if made[name] != copy[name]}
    assert different <= {"id", "created_at", "name", "instructions"}
    assert copy["name"] == "Rich copy"


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"instructions": "x" * 300_000}, "instructions-error", "string too long"),
        ({"description": "x" * 600}, "description-error", "string too long"),
        ({"temperature": "hot"}, "temperature-error", "Write a number from 0 to 2"),
        ({"temperature": "nan"}, "temperature-error", "Write a number from 0 to 2"),
        ({"top_p": "1.5"}, "top_p-error", "Write a number from 0 to 1"),
        ({"reasoning_effort": "utmost"}, "reasoning-effort-error", "Invalid value"),
        ({"response_format": "json_schema", "response_schema": "{"}, "response_schema-error", "Line 1, column 2"),
        ({"metadata_key": ["", "a"], "metadata_value": ["x", "y"]}, "metadata-error", "Give each value a key."),
        ({"metadata_key": ["a", "a"], "metadata_value": ["x", "y"]}, "metadata-error", "only once"),
        ({"metadata_key": ["k" * 65], "metadata_value": ["x"]}, "metadata-error", "string too long"),
        ({"function": ["[]"]}, "functions-error", "no JSON object"),
        ({"function": ['{"name": "not ok"}']}, "functions-error", "tools[1]"),
        ({"function": [BIG % "f", BIG % "g"]}, "functions-error", "larger than 1 MB"),
        ({"code_file_ids": ["file-none"]}, "code-files-error", "file-none"),
        ({"file_search": "on", "vector_store_id": "vs_none"}, "file-search-error", "vs_none"),
        ({"deployment": ""}, "deployment-error", "Choose a deployment."),
        ({"base": "{"}, "setup-error", "Copy it again"),
    ],
)
def test_a_refused_save_keeps_the_values_and_says_why_at_the_field(
    visitor: Visitor, fields: dict[str, str | list[str]], place: str, sentence: str
) -> None:
    response = save(visitor, stamp="before", **fields)
    assert response.status_code == 422
    assert sentence in text(response, place)
    assert part(response, "name").get("value") == "Pirate"
    assert part(response, "setup-form").get("data-guard") == "before"
    for name in fields.keys() & {"temperature", "top_p", "description", "function", "metadata_key", "code_file_ids"}:
        sent = fields[name]
        assert [value for value in values(response, name) if value] == [
            value for value in ([sent] if isinstance(sent, str) else sent) if value
        ]


def test_a_starter_creates_its_assistant_once_and_fills_the_composer(visitor: Visitor) -> None:
    first = visitor.send("starters/math")
    assert "I need to solve the equation `3x + 11 = 14`." in first.text
    visitor.send("starters/math")
    assert names(visitor) == ["Math Assist"]
    assert visitor.send("starters/unknown").status_code == 404


def names(visitor: Visitor) -> list[str]:
    options = parsed(visitor.client.get(f"{visitor.chat}/assistants").text).xpath("//button[@data-option]/span")
    return [option.text_content() for option in options]


def test_another_assistant_is_chosen_begun_and_deleted(visitor: Visitor) -> None:
    assistant_id = created(save(visitor))
    assert created(visitor.send("assistant/new")) == ""
    assert created(visitor.send("assistant", assistant_id=assistant_id)) == assistant_id
    assert created(visitor.send("assistant/delete")) == ""
    assert names(visitor) == []


def test_the_list_of_assistants_does_not_stop_at_a_page(visitor: Visitor) -> None:
    for number in range(104):
        visitor.client.post("/v1/assistants", json={"model": "scripted", "name": f"Number {number}"})
    listed = names(visitor)
    assert (len(listed), listed[-1]) == (104, "Number 0")
    oldest = visitor.client.get("/v1/assistants?order=asc&limit=1").json()["data"][0]["id"]
    assert text(visitor.send("assistant", assistant_id=oldest), "assistant") == "Number 0"


def test_an_assistant_that_was_deleted_elsewhere_is_a_new_one(visitor: Visitor) -> None:
    assistant_id = created(save(visitor))
    visitor.client.delete(f"/v1/assistants/{assistant_id}")
    visitor.open()
    assert visitor.text("assistant") == "New assistant"


def test_the_settings_are_summed_up_while_they_change(visitor: Visitor) -> None:
    fields: dict[str, str | list[str]] = {"temperature": "0.2", "reasoning_effort": "low", "metadata_key": ["a"]}
    summary = send(visitor, "assistant/settings", **fields, metadata_value=["b"])
    assert text(summary, "settings-summary") == "temperature 0.2 · low effort · 1 metadata pair"


def test_a_service_that_fails_is_a_notice_on_the_page(visitor: Visitor, house: House) -> None:
    visitor.start()
    house.flaky.refusals["/assistants"] = 429
    response = visitor.send("starters/math")
    assert response.status_code == 429
    assert response.headers["hx-retarget"] == "#toasts"
    assert parsed(response.text).get("role") == "alert"


def test_an_assistant_deleted_meanwhile_can_be_created_from_what_was_typed(visitor: Visitor) -> None:
    assistant_id = created(save(visitor))
    assert visitor.client.delete(f"/v1/assistants/{assistant_id}").is_success
    response = save(visitor, assistant_id=assistant_id, name="Parrot")
    assert response.status_code == 422
    assert "This assistant was deleted meanwhile. What you typed is kept" in response.text
    assert values(response, "name") == ["Parrot"]
    assert values(response, "assistant_id") == [""]
    assert created(save(visitor, name="Parrot")) not in {"", assistant_id}
