"""Routes behind fields that hold JSON: say what is wrong while it is typed, lay it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from app.playground.deps import PlaygroundDep
from app.playground.failures import PageRoute
from app.playground.setup.assistant_form import Text, as_json
from app.playground.setup.assistant_import import check_definition
from app.playground.setup.function_rules import FunctionFields, check_response_schema, function_of, pasted_function
from app.playground.text.typed_json import JsonProblem, read_json

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/json/{field}")

FieldName = Literal["parameters", "response_schema", "definition"]
_LABELS: Final[dict[FieldName, str]] = {
    "parameters": "Parameters, as JSON Schema",
    "response_schema": "Name and schema",
    "definition": "Or paste the JSON",
}


@dataclass(frozen=True, slots=True)
class JsonField:
    """What the field's template shows."""

    name: str
    label: str
    value: str
    error: str = ""
    placeholder: str = ""


@router.post("/check")
async def check_json(
    field: FieldName,
    playground: PlaygroundDep,
    parameters: Annotated[Text, Form()] = "",
    response_schema: Annotated[Text, Form()] = "",
    definition: Annotated[Text, Form()] = "",
    strict: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Say what is wrong with the field's text, as saving would."""
    texts = {"parameters": parameters, "response_schema": response_schema, "definition": definition}
    problem = _problem(field, texts[field], is_strict=bool(strict)) if texts[field].strip() else ""
    return HTMLResponse(playground.renderer.render("parts/reason.html", reason_id=f"{field}-error", text=problem))


@router.post("/format")
async def format_json(
    chat_id: str,
    field: FieldName,
    playground: PlaygroundDep,
    parameters: Annotated[Text, Form()] = "",
    response_schema: Annotated[Text, Form()] = "",
    definition: Annotated[Text, Form()] = "",
) -> HTMLResponse:
    """Lay the text out with line breaks and indents; what is no JSON stays as it is, with the reason."""
    text = {"parameters": parameters, "response_schema": response_schema, "definition": definition}[field]
    try:
        json = JsonField(field, _LABELS[field], as_json(read_json(text), indent=2))
    except JsonProblem as problem:
        json = JsonField(field, _LABELS[field], text, str(problem))
    part = (f"#{field}-field", "outerHTML", "parts/json_field.html")
    return HTMLResponse(playground.renderer.partials([part], json=json, chat_id=chat_id))


def _problem(field: FieldName, text: str, *, is_strict: bool) -> str:
    try:
        match field:
            case "parameters":
                fields = pasted_function(FunctionFields(name="any", parameters=text, strict=is_strict))
                return function_of(fields, ())[1].get("parameters", "")
            case "response_schema":
                check_response_schema(text)
            case "definition":
                check_definition(text)
    except JsonProblem as problem:
        return str(problem)
    return ""
