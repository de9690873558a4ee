"""Routes of the outputs that a run waits for: keep what is typed, format it, submit all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.errors import AppError, Conflict
from app.playground.calls import function_calls
from app.playground.chat import transcript
from app.playground.deps import PlaygroundDep, SessionDep
from app.playground.failures import PageRoute
from app.playground.text.shown_json import formatted

if TYPE_CHECKING:
    from app.journal.call_outputs import CallOutput
    from app.playground.drafts.function_call import FunctionCall
    from app.playground.playground import Playground
    from app.playground.session import Session

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/chats/{chat_id}")

_GONE = {
    "expired": "The run expired before its outputs arrived. Run it again; what you typed is kept at the call.",
    "cancelled": "The run was stopped meanwhile. What you typed is kept at the call.",
    "cancelling": "The run is being stopped. What you typed is kept at the call.",
}
_ELSEWHERE = "The run no longer waits for outputs. They may have been submitted by another page or program."


@router.post("/runs/{run_id}/outputs")
async def submit_outputs(request: Request, session: SessionDep, playground: PlaygroundDep, run_id: str) -> Response:
    """Submit the outputs of all calls at once; a refusal says why at its field and changes nothing."""
    await _require_loaded(session)
    form = await request.form()
    texts = {name: _text(value) for name, value in form.multi_items() if name != "empty"}
    empty = {str(value) for value in form.getlist("empty")}
    calls = function_calls.unanswered_calls(session.conversation, run_id)
    outputs = [await function_calls.as_output(session, call, texts.get(call.id, "")) for call in calls]
    await session.outputs.keep(outputs)
    reasons = {each.call_id: _reason(each, empty) for each in outputs}
    if any(reasons.values()):
        return _refusal(playground, run_id, reasons, "")
    try:
        if not outputs:
            raise Conflict(_ELSEWHERE)
        await playground.watchers.submit(session, run_id, outputs)
    except AppError as error:
        await _require_waiting(playground, session, run_id, error)
        return _refusal(playground, run_id, reasons, error.message)
    return Response(status_code=204)


@router.post("/calls/{call_id}/text")
async def keep_output(request: Request, session: SessionDep, playground: PlaygroundDep, call_id: str) -> HTMLResponse:
    """Keep what is typed for a call, and say whether it is JSON."""
    call, text = await _typed(request, session, call_id)
    hint = await _part(playground, session, call, text, "parts/chat/output_hint.html")
    return HTMLResponse(hint + _reasons(playground, {call_id: ""}))


@router.post("/calls/{call_id}/format")
async def format_output(request: Request, session: SessionDep, playground: PlaygroundDep, call_id: str) -> HTMLResponse:
    """Write the JSON in a field with line breaks."""
    call, text = await _typed(request, session, call_id)
    return HTMLResponse(await _part(playground, session, call, formatted(text), "parts/chat/output_field.html"))


async def _typed(request: Request, session: Session, call_id: str) -> tuple[FunctionCall, str]:
    await _require_loaded(session)
    form = await request.form()
    return function_calls.find_call(session.conversation, call_id), _text(form.get(call_id))


async def _part(playground: Playground, session: Session, call: FunctionCall, text: str, template: str) -> str:
    output = await function_calls.as_output(session, call, text)
    if call in function_calls.waiting_calls(session.conversation):  # Not a late keystroke of what is submitted.
        session.conversation.outputs[call.id] = output
        await session.outputs.keep([output])
    field = call.field(text, is_mock=output.is_mocked)
    return playground.renderer.render(template, field=field, chat_id=session.chat.id)


async def _require_loaded(session: Session) -> None:
    """Read the thread, after a restart of the server that the page has not noticed yet."""
    if not session.is_current:
        await transcript.load(session)


async def _require_waiting(playground: Playground, session: Session, run_id: str, error: AppError) -> None:
    """Raise a sentence about a run that does not wait for outputs any more, whatever the service said."""
    try:
        with session.calls():
            run = await session.client.beta.threads.runs.retrieve(run_id, thread_id=session.thread_id)
    except AppError as failure:
        raise error from failure
    if run.status != "requires_action":
        await playground.watchers.look_again(session, run_id)
        raise Conflict(_GONE.get(run.status, _ELSEWHERE)) from error


def _reason(output: CallOutput, empty: set[str]) -> str:
    is_meant = output.text or output.call_id in empty
    return "" if is_meant else "Write an output, or tick Submit it empty."


def _refusal(playground: Playground, run_id: str, reasons: dict[str, str], general: str) -> HTMLResponse:
    return HTMLResponse(_reasons(playground, {**reasons, run_id: general}), 422)


def _reasons(playground: Playground, reasons: dict[str, str]) -> str:
    """Return the reasons of calls, or of the run's form, each for its place."""
    return "".join(
        playground.renderer.partials(
            [(f"#reason-{place}", "outerHTML", "parts/chat/output_reason.html")],
            reason_id=f"reason-{place}",
            reason=reason,
        )
        for place, reason in reasons.items()
    )


def _text(value: object) -> str:
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""
