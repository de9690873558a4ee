"""The setup form as a browser sends it, and what its answers show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2
    from lxml import html

    from tests.playground.visitor import Visitor

FORM: dict[str, str | list[str]] = {
    "name": "Pirate",
    "instructions": "Arr.",
    "deployment": "scripted",
    "code_interpreter": "on",
}


def send(visitor: Visitor, action: str, **fields: str | list[str]) -> httpx2.Response:
    """Send a form whose fields may stand in it several times."""
    return visitor.client.post(f"{visitor.chat}/{action}", data=fields, headers={"HX-Request": "true"})


def save(visitor: Visitor, **fields: str | list[str]) -> httpx2.Response:
    """Save the form with some fields of its own."""
    return send(visitor, "assistant/save", **{**FORM, **fields})


def part(response: httpx2.Response, element_id: str) -> html.HtmlElement:
    """Return an element of an answer."""
    return parsed(f"<div>{response.text}</div>").get_element_by_id(element_id)


def text(response: httpx2.Response, element_id: str) -> str:
    """Return an element's text, spaces folded."""
    return " ".join(part(response, element_id).text_content().split())


def values(response: httpx2.Response, name: str) -> list[str]:
    """Return the values of all fields of that name."""
    found = parsed(f"<div>{response.text}</div>").xpath(f"//input[@name='{name}']/@value")
    return [str(value) for value in cast("list[object]", found)]


def created(response: httpx2.Response) -> str:
    """Return the id of the assistant that the form shows."""
    return values(response, "assistant_id")[0]


def stored(visitor: Visitor, assistant_id: str) -> dict[str, Any]:
    """Return the assistant as the API has it."""
    answer: dict[str, Any] = visitor.client.get(f"/v1/assistants/{assistant_id}").json()
    return answer


def sent_by(form: html.HtmlElement) -> dict[str, str | list[str]]:
    """Return what a browser would send of a form; it drops the line break that a text field begins with."""
    fields: dict[str, str | list[str]] = {}
    for name, value in cast("list[tuple[str, str]]", form.form_values()):
        there = fields.get(name, [])
        fields[name] = [*([there] if isinstance(there, str) else there), value.removeprefix("\n")]
    return fields
