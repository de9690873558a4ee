"""Routes of the sheet of a function's mocks: list, edit, order, use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from app.errors import InvalidRequest, NotFound
from app.playground.calls import function_calls
from app.playground.calls.mock_rules import fitting, read_conditions, suggested_conditions, written
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.text.shown_json import coloured
from app.playground.views.mocks import MockEditorView, MocksView, MockView

if TYPE_CHECKING:
    from app.journal.mocks import Mock
    from app.playground.drafts.function_call import FunctionCall
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}/mocks")

_Name = Annotated[str, Form(min_length=1, max_length=256)]
_Id = Annotated[str, Form()]


@router.get("")
async def show_mocks(
    session: SessionDep,
    playground: PlaygroundDep,
    function: Annotated[str, Query(min_length=1, max_length=256)],
    call_id: str = "",
) -> HTMLResponse:
    """Show the mocks of a function in the sheet."""
    return await _list(playground, session, function, call_id)


@router.post("/edit")
async def edit_mock(
    request: Request,
    session: SessionDep,
    playground: PlaygroundDep,
    function: _Name,
    call_id: _Id = "",
    mock_id: _Id = "",
) -> HTMLResponse:
    """Show a mock to be edited; a new one takes its output and its conditions from the call, if there is one."""
    if mock_id:
        mock = await session.mocks.get(mock_id)
        editor = MockEditorView(mock.function, call_id, mock.id, written(mock.conditions), mock.output)
        return _editor(playground, session, editor)
    call = _call(session, call_id)
    typed = (await request.form()).get(call_id)
    output = typed if isinstance(typed, str) else (call.output or "") if call else ""
    conditions = written(suggested_conditions(call.arguments)) if call else ""
    return _editor(playground, session, MockEditorView(function, call_id, "", conditions, output))


@router.post("/save")
async def save_mock(
    session: SessionDep,
    playground: PlaygroundDep,
    function: _Name,
    call_id: _Id = "",
    mock_id: _Id = "",
    conditions: Annotated[str, Form()] = "",
    output: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """Keep a mock; a condition that can't be read is refused at its field."""
    text = output.replace("\r\n", "\n")
    try:
        read = read_conditions(conditions)
    except InvalidRequest as error:
        editor = MockEditorView(function, call_id, mock_id, conditions, text, {"conditions": error.message})
        return _editor(playground, session, editor, status=422)
    if mock_id:
        await session.mocks.change(mock_id, read, text)
    else:
        await session.mocks.add(function, read, text)
    return await _list(playground, session, function, call_id)


@router.post("/delete")
async def delete_mock(
    session: SessionDep, playground: PlaygroundDep, function: _Name, mock_id: _Id, call_id: _Id = ""
) -> HTMLResponse:
    """Delete a mock."""
    await session.mocks.delete(mock_id)
    return await _list(playground, session, function, call_id)


@router.post("/share")
async def share_mock(
    session: SessionDep,
    playground: PlaygroundDep,
    function: _Name,
    mock_id: _Id,
    call_id: _Id = "",
    *,
    is_shared: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Let the team use a mock, or nobody else."""
    await session.mocks.share(mock_id, is_shared=is_shared)
    return await _list(playground, session, function, call_id)


@router.post("/move")
async def move_mock(
    session: SessionDep,
    playground: PlaygroundDep,
    function: _Name,
    mock_id: _Id,
    direction: Annotated[Literal["up", "down"], Form()],
    call_id: _Id = "",
) -> HTMLResponse:
    """Move a mock in the order in which they are tried."""
    await session.mocks.move(mock_id, -1 if direction == "up" else 1)
    return await _list(playground, session, function, call_id)


@router.post("/automatic")
async def set_automatic(
    session: SessionDep, playground: PlaygroundDep, function: _Name, call_id: _Id = "", is_automatic: _Id = ""
) -> HTMLResponse:
    """Choose whether mocks answer the function without asking."""
    await session.mocks.set_automatic(function, is_automatic=bool(is_automatic))
    return await _list(playground, session, function, call_id)


@router.post("/use")
async def use_mock(session: SessionDep, playground: PlaygroundDep, mock_id: _Id, call_id: _Id) -> HTMLResponse:
    """Put a mock's output into the field of the call; the sheet closes."""
    mock, call = await session.mocks.get(mock_id), function_calls.find_call(session.conversation, call_id)
    output = await function_calls.as_output(session, call, mock.output)
    session.conversation.outputs[call.id] = output
    await session.outputs.keep([output])
    place = (f"#field-{call.id}", "outerHTML", "parts/chat/output_field.html")
    field = call.field(mock.output, is_mock=True)
    return HTMLResponse(playground.renderer.partials([place], field=field, chat_id=session.chat.id))


async def _list(playground: Playground, session: Session, function: str, call_id: str) -> HTMLResponse:
    mocks = await session.mocks.of([function])
    call = _call(session, call_id)
    is_waiting = call is not None and call in function_calls.waiting_calls(session.conversation)
    best = fitting(mocks, function, call.arguments) if call else None
    view = MocksView(
        function=function,
        call_id=call_id if is_waiting else "",
        is_automatic=bool(await session.mocks.automatic([function])),
        mocks=[
            MockView(
                mock.id,
                tuple(written([each]) for each in mock.conditions),
                coloured(mock.output),
                mock == best,
                mock.is_shared,
                await _owner_name(playground, mock),
            )
            for mock in mocks
        ],
        can_share=playground.services.door is not None,
    )
    return HTMLResponse(playground.renderer.render("parts/mocks/list.html", mocks=view, chat_id=session.chat.id))


async def _owner_name(playground: Playground, mock: Mock) -> str:
    door = playground.services.door
    return await door.people.name_of(mock.owner_id) if door and not mock.is_own else ""


def _editor(playground: Playground, session: Session, editor: MockEditorView, status: int = 200) -> HTMLResponse:
    content = playground.renderer.render("parts/mocks/editor.html", mock=editor, chat_id=session.chat.id)
    return HTMLResponse(content, status)


def _call(session: Session, call_id: str) -> FunctionCall | None:
    try:
        return function_calls.find_call(session.conversation, call_id) if call_id else None
    except NotFound:
        return None
