"""The blocks of the activity view: one for each run, with its steps, calls and messages, told by its events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.playground.drafts.code_call import highlighted
from app.playground.drafts.search_call import search_view
from app.playground.views import log_texts
from app.playground.views.chat import ImageView, OutputView
from app.playground.views.log_texts import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markupsafe import Markup

    from app.journal.entry import Entry
    from app.playground.views.chat import Tone
    from app.playground.views.search import SearchCallView

    Passages = frozenset[tuple[str, str]]

_ENDED: Final = frozenset({"completed", "failed", "cancelled", "expired", "incomplete"})
_OUTPUT_LIMIT: Final = 4_000
_MESSAGE_LIMIT: Final = 1_200


@dataclass(frozen=True, slots=True)
class CallPart:
    """One tool call: what went in, and what came out."""

    title: str
    code: Markup | None = None
    text: str = ""
    outputs: tuple[OutputView, ...] = ()
    search: SearchCallView | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step with its place in the run's time, in percent of it."""

    id: str
    title: str
    took: str
    tone: Tone
    start: float
    width: float
    calls: tuple[CallPart, ...] = ()
    message: str = ""
    message_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunBlock:
    """A run."""

    run_id: str
    first: int
    """The number of its first event."""
    state: str
    tone: Tone
    time: str
    assistant: str
    model: str
    took: str
    tokens: str
    waited: float
    """How much of its time passed before it began, in percent."""
    steps: tuple[StepRow, ...]
    reason: str = ""
    thread_id: str = ""
    message_id: str = ""
    is_programs: bool = False
    is_active: bool = False
    is_waiting: bool = False
    """Whether it goes on only when somebody submits outputs."""

    @property
    def key(self) -> str:
        """The id of the element."""
        return f"activity-{self.run_id}"


def run_block(run_id: str, first: int, events: Sequence[Entry], names: Mapping[str, str]) -> RunBlock:
    """Return the block of a run from its events, oldest first."""
    objects = [(event, mapping(log_texts.read_json(event.detail))) for event in events]
    runs = [(event, body) for event, body in objects if body.get("object") == "thread.run"]
    run = runs[-1][1] if runs else {}
    status = str(run.get("status") or "unknown")
    began = events[0].created_at
    is_active = status not in _ENDED
    span = max(events[-1].created_at - began, 0.001)
    started = next((event.created_at for event, body in runs if event.name == "thread.run.in_progress"), began)
    steps = tuple(_steps(objects, began, span, awaited=_awaited(run), is_active=is_active))
    usage = mapping(run.get("usage"))
    return RunBlock(
        run_id=run_id,
        first=first,
        state=log_texts.run_state(status),
        tone=log_texts.STATE_TONES.get(status, ""),
        time=log_texts.time_of_day(began),
        assistant=names.get(str(run.get("assistant_id")), "") or log_texts.short_id(str(run.get("assistant_id") or "")),
        model=log_texts.answered_by(run),
        took="" if is_active else log_texts.duration(span * 1000),
        tokens=_tokens(usage),
        waited=_percent(started - began, span),
        steps=steps,
        reason=_reason(run),
        thread_id=str(run.get("thread_id") or ""),
        message_id=next((step.message_id for step in reversed(steps) if step.message_id), ""),
        is_programs=not events[0].session_id,
        is_active=is_active,
        is_waiting=status == "requires_action",
    )


def _tokens(usage: Mapping[str, object]) -> str:
    total = usage.get("total_tokens")
    if not total:
        return ""
    return f"{total:,} tokens ({usage.get('prompt_tokens', 0):,} in, {usage.get('completion_tokens', 0):,} out)"


def _reason(body: Mapping[str, object]) -> str:
    error, details = mapping(body.get("last_error")), mapping(body.get("incomplete_details"))
    if error:
        code = f" ({error['code']})" if error.get("code") else ""
        return f"{error.get('message') or 'No reason was given.'}{code}"
    return f"It reached its limit: {str(details['reason']).replace('_', ' ')}." if details.get("reason") else ""


def _steps(
    objects: Sequence[tuple[Entry, Mapping[str, object]]],
    began: float,
    span: float,
    *,
    awaited: Sequence[object],
    is_active: bool,
) -> list[StepRow]:
    messages = {str(body.get("id")): body for _, body in objects if body.get("object") == "thread.message"}
    seen: dict[str, list[tuple[Entry, Mapping[str, object]]]] = {}
    for event, body in objects:
        if body.get("object") == "thread.run.step":
            seen.setdefault(str(body.get("id")), []).append((event, body))
    return [_step(each, messages, began, span, awaited=awaited, is_active=is_active) for each in seen.values()]


def _awaited(run: Mapping[str, object]) -> Sequence[object]:
    """Return the calls that a run waits for; its step has them only when their outputs are there."""
    if run.get("status") != "requires_action":
        return ()
    return items(mapping(mapping(run.get("required_action")).get("submit_tool_outputs")).get("tool_calls"))


def _step(
    seen: Sequence[tuple[Entry, Mapping[str, object]]],
    messages: Mapping[str, Mapping[str, object]],
    began: float,
    span: float,
    *,
    awaited: Sequence[object],
    is_active: bool,
) -> StepRow:
    (first, _), (last, body) = seen[0], seen[-1]
    status = str(body.get("status") or "")
    is_open = status == "in_progress"
    end = began + span if is_open and is_active else last.created_at
    details = mapping(body.get("step_details"))
    cited = frozenset(pair for message in messages.values() for pair in _cited(message))
    message_id = str(mapping(details.get("message_creation")).get("message_id") or "")
    made = items(details.get("tool_calls")) or (awaited if is_open and not message_id else ())
    calls = tuple(_call(mapping(call), body, cited) for call in made)
    start = min(_percent(first.created_at - began, span), 99.0)
    return StepRow(
        id=str(body.get("id")),
        title=", ".join(dict.fromkeys(call.title for call in calls)) or ("Message" if message_id else "Tool call"),
        took="" if is_open else log_texts.duration((end - first.created_at) * 1000),
        tone="bad" if status in {"failed", "expired"} else "",
        start=start,
        width=max(_percent(end - first.created_at, span), 1.0),
        calls=calls,
        message=log_texts.cut(log_texts.message_text(messages.get(message_id, {})), _MESSAGE_LIMIT),
        message_id=message_id,
        reason=_reason(body),
    )


def _percent(part: float, whole: float) -> float:
    return round(min(max(part / whole, 0.0), 1.0) * 100, 2)


def _call(call: Mapping[str, object], step: Mapping[str, object], cited: Passages) -> CallPart:
    match call.get("type"):
        case "code_interpreter":
            return _code(mapping(call.get("code_interpreter")))
        case "file_search":
            search = search_view(mapping(call.get("file_search")), step, cited)
            return CallPart("File search", search=search)
        case "function":
            return _function(mapping(call.get("function")))
        case kind:
            return CallPart(str(kind or "Tool call"), text=log_texts.cut(json.dumps(call), _OUTPUT_LIMIT))


def _code(body: Mapping[str, object]) -> CallPart:
    outputs = tuple(_output(mapping(output)) for output in items(body.get("outputs")))
    return CallPart("Code interpreter", code=highlighted(str(body.get("input") or "")), outputs=outputs)


def _output(output: Mapping[str, object]) -> OutputView:
    file_id = mapping(output.get("image")).get("file_id")
    if file_id:
        return OutputView(image=ImageView(str(file_id), "Figure drawn by the code"))
    return OutputView(text=log_texts.cut(str(output.get("logs") or ""), _OUTPUT_LIMIT))


def _cited(message: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the passages that a message cites, as pairs of step and mark."""
    for part in items(message.get("content")):
        for annotation in items(mapping(mapping(part).get("text")).get("annotations")):
            citation = mapping(mapping(annotation).get("file_citation"))
            yield str(citation.get("step_id") or ""), str(citation.get("mark") or "")


def _function(body: Mapping[str, object]) -> CallPart:
    output = body.get("output")
    outputs = (OutputView(text=log_texts.cut(str(output), _OUTPUT_LIMIT)),) if output is not None else ()
    arguments = log_texts.cut(log_texts.pretty(str(body.get("arguments") or "")), _OUTPUT_LIMIT)
    return CallPart(f"{body.get('name') or 'Function'}()", text=arguments, outputs=outputs)
