"""Routes that hand an assistant out as JSON and take one in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import HTMLResponse, Response

from app.errors import NotFound
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.setup.assistant_form import Text, as_json
from app.playground.setup.assistant_import import check_definition, exported, file_ids, vector_store_ids
from app.playground.setup.setup import show_filled
from app.playground.text.typed_json import JsonProblem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/assistant")

_MAX_FILE_BYTES: Final = 2_000_000
_MOST_LOOKED_UP: Final = 25


@router.get("/{assistant_id}/export")
async def export_assistant(assistant_id: str, session: SessionDep) -> Response:
    """Send everything that makes the assistant, as the API returns it."""
    with session.calls():
        assistant = await session.client.beta.assistants.retrieve(assistant_id)
    name = re.sub(r"[^A-Za-z0-9]+", "-", assistant.name or "").strip("-")[:60] or assistant.id
    headers = {"Content-Disposition": f'attachment; filename="{name}.assistant.json"'}
    content = as_json(exported(assistant.to_dict()), indent=2)
    return Response(f"{content}\n", media_type="application/json", headers=headers)


@router.get("/import")
async def open_import(chat_id: str, playground: PlaygroundDep) -> HTMLResponse:
    """Ask for the file or the text."""
    context = {"definition": "", "import_error": "", "chat_id": chat_id}
    return HTMLResponse(playground.renderer.render("parts/setup/import.html", **context))


@router.post("/import")
async def import_assistant(
    session: SessionDep,
    playground: PlaygroundDep,
    definition: Annotated[Text, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> HTMLResponse:
    """Fill the form from JSON, and say what of it is unknown or not here; nothing is created yet."""
    try:
        text = await _text(file) or definition
        data, unknown = check_definition(text)
    except JsonProblem as problem:
        shown = definition if file is None or not file.size else ""
        context = {"definition": shown, "import_error": str(problem), "chat_id": session.chat.id}
        return HTMLResponse(playground.renderer.render("parts/setup/import.html", **context), 422)
    notes = [*_unknown_note(unknown), *await _absent_notes(session, data)]
    name = str(data.get("name") or "")
    return await show_filled(playground, session, data, name=name, notes=tuple(notes) or ("Look it over.",))


async def _text(file: UploadFile | None) -> str:
    content = await file.read(_MAX_FILE_BYTES + 1) if file else b""
    if len(content) > _MAX_FILE_BYTES:
        raise JsonProblem("The file is larger than 2 MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise JsonProblem("The file is no UTF-8 text.") from exc


def _unknown_note(unknown: list[str]) -> list[str]:
    if not unknown:
        return []
    return [f"Left out, because assistants have no such fields: {', '.join(unknown[:20])}."]


async def _absent_notes(session: Session, data: dict[str, Any]) -> list[str]:
    """Name the files and vector stores that this service does not have; they stay in the form."""
    files, stores = session.client.files.retrieve, session.client.vector_stores.retrieve
    absent_files = await _absent(session, file_ids(data), files)
    absent_stores = await _absent(session, vector_store_ids(data), stores)
    notes = []
    if absent_files:
        notes.append(f"Files that are not here: {', '.join(absent_files)}. Upload them again, or take them out.")
    if absent_stores:
        notes.append(f"Vector stores that are not here: {', '.join(absent_stores)}. Choose another, or none.")
    return notes


async def _absent(session: Session, ids: list[str], find: Callable[[str], Awaitable[object]]) -> list[str]:
    absent = []
    for each in ids[:_MOST_LOOKED_UP]:
        try:
            with session.calls():
                await find(each)
        except NotFound:
            absent.append(each)
    return absent
