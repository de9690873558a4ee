"""Routes of the function editor: functions live in the setup form until the assistant is saved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse
from pydantic import Field

from app.errors import NotFound
from app.playground.deps import PlaygroundDep
from app.playground.failures import PageRoute
from app.playground.setup.assistant_form import as_json
from app.playground.setup.function_rules import FunctionFields, fields_of_function, function_of, pasted_function
from app.playground.setup.function_samples import SAMPLES
from app.playground.views.functions import function_rows, functions_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.playground.playground import Playground

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/functions")

_LONGEST_NAME: Final = 64
_Functions = Annotated[list[str], Form(alias="function", default_factory=list)]


class FunctionForm(FunctionFields):
    """The editor's form together with the functions that the setup form holds."""

    index: int | None = None
    """The function that is edited; a new one has none."""
    stamp: str = ""
    function: list[str] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Editor:
    """What the editor shows."""

    fields: FunctionFields
    index: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    stamp: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def title(self) -> str:
        """What the editor is for."""
        return "Edit function" if self.index else "New function"

    @property
    def button(self) -> str:
        """What its button does."""
        return "Keep changes" if self.index else "Add function"

    @property
    def samples(self) -> tuple[str, ...]:
        """The samples, while nothing is written yet."""
        return () if self.index or self.fields.name else tuple(SAMPLES)


@router.get("/new")
async def new_function(chat_id: str, playground: PlaygroundDep, sample: str = "") -> HTMLResponse:
    """Open the editor, empty or with a sample."""
    return _editor(playground, chat_id, Editor(fields_of_function(SAMPLES.get(sample, {}))))


@router.post("/{index}/edit")
async def edit_function(chat_id: str, index: int, playground: PlaygroundDep, function: _Functions) -> HTMLResponse:
    """Open the editor with one of the form's functions."""
    chosen = _chosen(functions_of(function), index)
    return _editor(playground, chat_id, Editor(fields_of_function(chosen), str(index)))


@router.post("/keep")
async def keep_function(chat_id: str, playground: PlaygroundDep, form: Annotated[FunctionForm, Form()]) -> HTMLResponse:
    """Put the function into the setup form, or say what the API would refuse."""
    functions = functions_of(form.function)
    taken = {str(each.get("name")) for at, each in enumerate(functions) if at != form.index}
    fields = pasted_function(form)
    function, reasons = function_of(fields, taken)
    if reasons:
        index = "" if form.index is None else str(form.index)
        return _editor(playground, chat_id, Editor(fields, index, reasons, form.stamp), 422)
    if form.index is None or form.index >= len(functions):
        return _rows(playground, chat_id, [*form.function, as_json(function)])
    kept = [as_json(function) if at == form.index else text for at, text in enumerate(form.function)]
    return _rows(playground, chat_id, kept)


@router.post("/{index}/duplicate")
async def duplicate_function(chat_id: str, index: int, playground: PlaygroundDep, function: _Functions) -> HTMLResponse:
    """Put a copy of a function behind it."""
    functions = functions_of(function)
    chosen = _chosen(functions, index)
    copy = {**chosen, "name": _free_name(str(chosen.get("name")), {str(each.get("name")) for each in functions})}
    return _rows(playground, chat_id, [*function[: index + 1], as_json(copy), *function[index + 1 :]])


@router.post("/{index}/remove")
async def remove_function(chat_id: str, index: int, playground: PlaygroundDep, function: _Functions) -> HTMLResponse:
    """Take a function out of the form."""
    return _rows(playground, chat_id, [text for at, text in enumerate(function) if at != index])


def _chosen(functions: list[dict[str, Any]], index: int) -> dict[str, Any]:
    if index >= len(functions):
        raise NotFound("The function is not in the form any more. Open the page again.")
    return functions[index]


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name with the first number that makes it one of its own."""
    number = 2
    while (candidate := f"{name[: _LONGEST_NAME - 4]}_{number}") in taken:
        number += 1
    return candidate


def _rows(playground: Playground, chat_id: str, texts: list[str]) -> HTMLResponse:
    context = {"functions": function_rows(texts), "functions_error": "", "chat_id": chat_id}
    return HTMLResponse(playground.renderer.render("parts/setup/functions.html", **context))


def _editor(playground: Playground, chat_id: str, editor: Editor, status: int = 200) -> HTMLResponse:
    content = playground.renderer.render("parts/setup/function_editor.html", editor=editor, chat_id=chat_id)
    return HTMLResponse(content, status)
