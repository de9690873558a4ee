"""Routes of View code: the sheet, the program as it is chosen, and the same to download."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel

from app.errors import AppError
from app.playground.code.gather import assistant_material, session_material
from app.playground.code.programs import APIS, STYLES, Api, Dialect, LanguageKey, Programs
from app.playground.deps import AddressDep, PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.text.code_blocks import code_block

if TYPE_CHECKING:
    from pathlib import Path

    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/code")

_SHOWN_CHARACTERS: Final = 200_000


class Choice(BaseModel):
    """What a person chose in the sheet."""

    scope: Literal["assistant", "session"] = "assistant"
    api: Api = "assistants"
    language: LanguageKey = "python"
    dialect: Dialect = "openai"


ChoiceDep = Annotated[Choice, Query()]


@router.get("")
async def show_code(
    session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep, address: AddressDep
) -> HTMLResponse:
    """Show the sheet."""
    context = await _context(session, playground.services.templates_dir, choice, address)
    return HTMLResponse(playground.renderer.render("parts/code/sheet.html", **context))


@router.get("/program")
async def show_program(
    session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep, address: AddressDep
) -> HTMLResponse:
    """Show the program that is chosen now."""
    context = await _context(session, playground.services.templates_dir, choice, address)
    return HTMLResponse(playground.renderer.render("parts/code/program.html", **context))


@router.get("/download")
async def download_program(
    session: SessionDep, playground: PlaygroundDep, choice: ChoiceDep, address: AddressDep
) -> Response:
    """Send the program as a file."""
    text = await _program(session, playground.services.templates_dir, choice, address)
    name = f"{choice.scope}_{choice.api}.{STYLES[choice.language].ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


async def _context(session: Session, templates_dir: Path, choice: Choice, address: str) -> dict[str, object]:
    text, reason = "", ""
    try:
        text = await _program(session, templates_dir, choice, address)
    except AppError as error:
        reason = error.message
    shown = text[:_SHOWN_CHARACTERS]
    return {
        "choice": choice,
        "query": choice.model_dump(),
        "text": text,
        "code": Markup(code_block(shown, STYLES[choice.language].lexer)),  # noqa: S704  Pygments escapes.
        "is_cut": len(shown) < len(text),
        "reason": reason,
        "apis": APIS,
        "styles": STYLES,
        "chat_id": session.chat.id,
    }


async def _program(session: Session, templates_dir: Path, choice: Choice, address: str) -> str:
    gather = session_material if choice.scope == "session" else assistant_material
    material = await gather(session)
    return _programs(templates_dir).write(material, choice.api, choice.language, choice.dialect, address)


@cache
def _programs(templates_dir: Path) -> Programs:
    return Programs(templates_dir)
