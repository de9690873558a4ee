"""The run options as they are typed, and as the API takes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from app.errors import InvalidRequest
from app.wire.runs import CreateRun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

_TEXTS: Final = ("model", "instructions", "additional_instructions", "reasoning_effort")
_NUMBERS: Final = ("temperature", "top_p", "max_prompt_tokens", "max_completion_tokens")
_FIELD_OF: Final = {"truncation_strategy": "last_messages", "response_format": "response_schema"}
LABELS: Final = {
    "model": "deployment",
    "instructions": "instructions",
    "additional_instructions": "additional instructions",
    "temperature": "temperature",
    "top_p": "top P",
    "max_prompt_tokens": "prompt tokens",
    "max_completion_tokens": "completion tokens",
    "truncation_strategy": "truncation",
    "tool_choice": "tool choice",
    "parallel_tool_calls": "parallel tool calls",
    "response_format": "response format",
    "reasoning_effort": "reasoning effort",
    "metadata": "metadata",
}

Text = Annotated[str, AfterValidator(lambda text: text.replace("\r\n", "\n").strip())]


class RunOptionFields(BaseModel):
    """All fields of the form; an empty one leaves the choice to the assistant."""

    model_config = ConfigDict(frozen=True)

    model: Text = ""
    instructions: Text = ""
    additional_instructions: Text = ""
    temperature: Text = ""
    top_p: Text = ""
    max_prompt_tokens: Text = ""
    max_completion_tokens: Text = ""
    truncation: Text = ""
    last_messages: Text = ""
    tool_choice: Text = ""
    parallel_tool_calls: Text = ""
    response_format: Text = ""
    response_schema: Text = ""
    reasoning_effort: Text = ""
    metadata: Text = ""
    """One `key: value` a line."""


class RefusedOptions(InvalidRequest):
    """Options that the API would not take; `reasons` say why, by field."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("Some of the run options can't be used.")
        self.reasons = reasons


def read_options(fields: RunOptionFields) -> dict[str, Any]:
    """Return the options in the API's words; raises `RefusedOptions`."""
    asked: dict[str, Any] = {name: getattr(fields, name) for name in (*_TEXTS, *_NUMBERS) if getattr(fields, name)}
    if fields.truncation:
        kept = {"last_messages": fields.last_messages or None} if fields.truncation == "last_messages" else {}
        asked["truncation_strategy"] = {"type": fields.truncation, **kept}
    if fields.tool_choice:
        asked["tool_choice"] = _tool_choice(fields.tool_choice)
    if fields.parallel_tool_calls:
        asked["parallel_tool_calls"] = fields.parallel_tool_calls == "on"
    if fields.response_format:
        asked["response_format"] = _response_format(fields)
    if fields.metadata:
        asked["metadata"] = _metadata(fields.metadata)
    return _checked(asked)


def fields_of(options: Mapping[str, Any]) -> RunOptionFields:
    """Return the form of options that were kept."""
    typed = {name: str(options[name]) for name in (*_TEXTS, *_NUMBERS) if name in options}
    truncation = options.get("truncation_strategy") or {}
    choice, shape = options.get("tool_choice", ""), options.get("response_format") or {}
    schema = shape.get("json_schema")
    return RunOptionFields(
        **typed,
        truncation=truncation.get("type", ""),
        last_messages=str(truncation.get("last_messages") or ""),
        tool_choice=choice if isinstance(choice, str) else ":".join([choice["type"], *_function(choice)]),
        parallel_tool_calls={True: "on", False: "off"}.get(options.get("parallel_tool_calls", ""), ""),
        response_format=shape.get("type", ""),
        response_schema=json.dumps(schema, indent=2, ensure_ascii=False) if schema else "",
        metadata="\n".join(f"{key}: {value}" for key, value in (options.get("metadata") or {}).items()),
    )


def _function(choice: Mapping[str, Any]) -> list[str]:
    return [choice["function"]["name"]] if choice.get("function") else []


def _tool_choice(text: str) -> str | dict[str, Any]:
    kind, _, name = text.partition(":")
    if name:
        return {"type": "function", "function": {"name": name}}
    return {"type": kind} if kind in {"code_interpreter", "file_search"} else kind


def _response_format(fields: RunOptionFields) -> dict[str, Any]:
    if fields.response_format != "json_schema":
        return {"type": fields.response_format}
    try:
        schema = json.loads(fields.response_schema)
    except RecursionError:
        raise RefusedOptions({"response_schema": "The schema is nested too deeply."}) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RefusedOptions({"response_schema": f"This is not JSON: {error.msg} at {place}."}) from error
    return {"type": "json_schema", "json_schema": schema}


def _metadata(text: str) -> dict[str, str]:
    pairs = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        key, colon, value = line.partition(":")
        if not colon or not key.strip():
            raise RefusedOptions({"metadata": f"Write one “key: value” a line. This line has no key: {line[:60]}"})
        pairs[key.strip()] = value.strip()
    return pairs


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        run = CreateRun.model_validate({"assistant_id": "any", **asked})
    except ValidationError as error:
        reasons: dict[str, str] = {}
        for detail in sorted(error.errors(), key=lambda detail: -len(detail["loc"])):
            reasons.setdefault(*_reason(detail))
        raise RefusedOptions(reasons) from error
    truncation = run.truncation_strategy
    if truncation and truncation.type == "last_messages" and truncation.last_messages is None:
        raise RefusedOptions({"last_messages": "Say how many messages the run may see."})
    return run.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"assistant_id"})


def _reason(detail: ErrorDetails) -> tuple[str, str]:
    option = str(detail["loc"][0])
    path = ".".join(str(part) for part in detail["loc"][2:] if option == "response_format")
    sentence = _sentence(detail)
    return _FIELD_OF.get(option, option), f"{path}: {sentence}" if path else sentence


def _sentence(detail: ErrorDetails) -> str:
    match detail["type"], detail.get("ctx", {}):
        case "less_than_equal", {"le": limit}:
            return f"This can be {limit:g} at most."
        case "greater_than_equal", {"ge": limit}:
            return f"This must be {limit:g} or more."
        case _:
            return f"{detail['msg']}."
