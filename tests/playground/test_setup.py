"""The setup pane: assistants are created, changed, chosen and deleted through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2
    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

FORM = {"name": "Pirate", "instructions": "Arr.", "deployment": "scripted", "code_interpreter": "on"}


def field(response: httpx2.Response, element_id: str) -> html.HtmlElement:
    return parsed(f"<div>{response.text}</div>").get_element_by_id(element_id)


def chosen(response: httpx2.Response) -> tuple[str, str]:
    option = field(response, "assistant").xpath(".//option[@selected]")[0]
    return option.get("value"), option.text_content()


def test_an_assistant_is_created_and_chosen(visitor: Visitor) -> None:
    response = visitor.send("assistant/save", **FORM)
    assistant_id, name = chosen(response)
    assert (assistant_id[:5], name) == ("asst_", "Pirate")
    assert "Saved" in response.text
    visitor.open()
    assert visitor.one("name").get("value") == "Pirate"


def test_changes_keep_the_tools_that_the_form_does_not_show(visitor: Visitor) -> None:
    function = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    assistant_id, _ = chosen(visitor.send("assistant/save", **FORM))
    visitor.client.post(f"/v1/assistants/{assistant_id}", json={"tools": [{"type": "code_interpreter"}, function]})
    visitor.send("assistant/save", assistant_id=assistant_id, name="Pirate", deployment="scripted")
    stored = visitor.client.get(f"/v1/assistants/{assistant_id}").json()
    assert [tool["type"] for tool in stored["tools"]] == ["function"]
    assert stored["instructions"] in {"", None}


def test_a_refused_save_keeps_the_values_and_says_why_at_the_field(visitor: Visitor) -> None:
    response = visitor.send("assistant/save", **{**FORM, "instructions": "x" * 300_000})
    assert response.status_code == 422
    assert field(response, "instructions-error").text_content()
    assert field(response, "name").get("value") == "Pirate"
    assert field(response, "setup").get("data-dirty") is not None


def test_without_any_model_the_deployment_says_what_to_do(visitor: Visitor) -> None:
    response = visitor.send("assistant/save", name="Pirate")
    assert response.status_code == 422
    assert "Choose a deployment." in field(response, "deployment-error").text_content()


def test_a_starter_creates_its_assistant_once_and_fills_the_composer(visitor: Visitor) -> None:
    first = visitor.send("starters/math")
    assert "I need to solve the equation `3x + 11 = 14`." in first.text
    visitor.send("starters/math")
    visitor.open()
    assert [option.text for option in visitor.one("assistant")] == ["New assistant", "Math Assist"]
    assert visitor.send("starters/unknown").status_code == 404


def test_another_assistant_is_chosen_begun_and_deleted(visitor: Visitor) -> None:
    assistant_id, _ = chosen(visitor.send("assistant/save", **FORM))
    assert chosen(visitor.send("assistant/new")) == ("", "New assistant")
    assert chosen(visitor.send("assistant", assistant_id=assistant_id)) == (assistant_id, "Pirate")
    assert chosen(visitor.send("assistant/delete")) == ("", "New assistant")
    visitor.open()
    assert [option.text for option in visitor.one("assistant")] == ["New assistant"]


def test_a_service_that_fails_is_a_notice_on_the_page(visitor: Visitor, house: House) -> None:
    visitor.start()
    house.flaky.refusals["/assistants"] = 429
    response = visitor.send("starters/math")
    assert response.status_code == 429
    assert response.headers["hx-retarget"] == "#toasts"
    assert parsed(response.text).get("role") == "alert"
