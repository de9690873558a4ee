"""The function calls that a run waits for: what is typed for them, what mocks say, and what is submitted."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from app.errors import AppError, NotFound
from app.journal.call_outputs import CallOutput
from app.playground.calls.mock_rules import fitting
from app.playground.drafts.function_call import FunctionCall
from app.playground.drafts.step import StepDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from app.connections.types import AssistantStreamEvent, Run, Stream
    from app.journal.mocks import Mock
    from app.playground.chat.conversation import Conversation
    from app.playground.chat.costs import Prices
    from app.playground.drafts.surroundings import Surroundings
    from app.playground.session import Session

_LOG = logging.getLogger(__name__)


async def learn(session: Session, runs: Iterable[Run]) -> None:
    """Read what is kept for the calls of these runs, and which of the active ones the page began."""
    known = {run.id: run for run in runs}
    waiting = [run for run in known.values() if run.status == "requires_action"]
    session.conversation.own_runs |= await session.outputs.own_runs(known)
    session.conversation.outputs |= await session.outputs.of_runs(known)
    for run in waiting:
        await fill_in(session, run)


async def fill_in(session: Session, run: Run) -> None:
    """Put the outputs of fitting mocks where nothing is typed yet."""
    conversation = session.conversation
    for call_id, mock in (await _mocks_of(session, run)).items():
        if mock is not None and call_id not in conversation.outputs:
            conversation.outputs[call_id] = CallOutput(call_id, run.id, mock.output, is_mocked=True)


async def answer_by_mocks(session: Session, run_id: str) -> Stream[AssistantStreamEvent] | None:
    """Submit mocks for all calls of a run of the page, where each has one and its function is automatic."""
    run = session.conversation.runs.get(run_id)
    if run is None or run.status != "requires_action" or run_id not in session.conversation.own_runs:
        return None
    mocks = await _mocks_of(session, run)
    found = {call_id: mock for call_id, mock in mocks.items() if mock is not None}
    functions = {mock.function for mock in found.values()}
    if not found or len(found) < len(mocks) or functions - await session.mocks.automatic(functions):
        return None
    outputs = [CallOutput(call_id, run_id, mock.output, is_mocked=True) for call_id, mock in found.items()]
    try:
        return await submit(session, run_id, outputs)
    except AppError as error:
        _LOG.warning("The mocks of run %s could not be submitted: %s", run_id, error)
        return None


async def submit(session: Session, run_id: str, outputs: list[CallOutput]) -> Stream[AssistantStreamEvent]:
    """Submit the outputs, which are kept first, and return the stream that goes on."""
    session.conversation.outputs |= {output.call_id: output for output in outputs}
    await session.outputs.keep(outputs)
    with session.calls():
        return await session.client.beta.threads.runs.submit_tool_outputs(
            run_id,
            thread_id=session.thread_id,
            tool_outputs=[{"tool_call_id": output.call_id, "output": output.text} for output in outputs],
            stream=True,
        )


async def as_output(session: Session, call: FunctionCall, text: str) -> CallOutput:
    """Return a text as the call's output; it is mocked when a mock of the function has exactly this output."""
    mocks = await session.mocks.of([call.name])
    return CallOutput(call.id, call.run_id, text, is_mocked=any(mock.output == text for mock in mocks))


def waiting_calls(conversation: Conversation) -> list[FunctionCall]:
    """Return the calls that wait for their outputs."""
    waiting = _waiting_ids(conversation)
    return [call for call in _calls(conversation) if call.id in waiting]


def unanswered_calls(conversation: Conversation, run_id: str) -> list[FunctionCall]:
    """Return the calls of a run that waits for their outputs, or that ended without them."""
    calls = [call for call in _calls(conversation) if call.output is None and call.run_id == run_id]
    waiting, active = _waiting_ids(conversation), conversation.active_runs
    return [call for call in calls if call.id in waiting or run_id not in active]


def find_call(conversation: Conversation, call_id: str) -> FunctionCall:
    """Return the call of that id, or raise `NotFound`."""
    for call in _calls(conversation):
        if call.id == call_id:
            return call
    raise NotFound("This call is no longer in the conversation. Reload the page.")


def surroundings(around: Surroundings, conversation: Conversation, prices: Prices) -> Surroundings:
    """Add what function calls and costs need to be shown."""
    outputs = conversation.outputs
    return replace(
        around,
        outputs=outputs,
        waiting=_waiting_ids(conversation),
        active_runs=conversation.active_runs,
        mocked_runs=_mocked_runs(conversation, outputs),
        cost=lambda run: prices.written(prices.of_run(run)),
    )


def _mocked_runs(conversation: Conversation, outputs: Mapping[str, CallOutput]) -> frozenset[str]:
    if not any(output.is_mocked for output in outputs.values()):
        return frozenset()
    return frozenset(call.run_id for call in _calls(conversation) if call.is_mocked(outputs.get(call.id)))


def _calls(conversation: Conversation) -> Iterator[FunctionCall]:
    for draft in conversation.drafts:
        if isinstance(draft, StepDraft):
            yield from (call for call in draft.calls.values() if isinstance(call, FunctionCall))


def _waiting_ids(conversation: Conversation) -> frozenset[str]:
    actions = (run.required_action for run in conversation.runs.values() if run.status == "requires_action")
    return frozenset(call.id for action in actions if action for call in action.submit_tool_outputs.tool_calls)


async def _mocks_of(session: Session, run: Run) -> dict[str, Mock | None]:
    action = run.required_action
    calls = action.submit_tool_outputs.tool_calls if action else []
    mocks = await session.mocks.of({call.function.name for call in calls})
    return {call.id: fitting(mocks, call.function.name, call.function.arguments) for call in calls}
