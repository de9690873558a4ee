"""The setup form as it is sent: what a person typed, kept as text until it is saved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from app.connections.types import Assistant

RESPONSE_FORMATS: Final = {
    "auto": "Decided by the model (auto)",
    "text": "Text",
    "json_object": "JSON object",
    "json_schema": "JSON that follows a schema",
}

Text = Annotated[str, AfterValidator(lambda text: text.replace("\r\n", "\n"))]


class AssistantFields(BaseModel):
    """All fields of the form; a field that the form does not hold is empty or off."""

    model_config = ConfigDict(frozen=True)

    assistant_id: str = ""
    stamp: str = ""
    """Tells which rendering of the form the page compares it with; a form filled in has none: it was never saved."""
    base: str = ""
    """JSON of an assistant that a new one is made from: it keeps what the form does not show."""
    name: str = ""
    description: Text = ""
    instructions: Text = ""
    deployment: str = ""
    code_interpreter: bool = False
    code_file_ids: list[str] = Field(default_factory=list)
    file_search: bool = False
    vector_store_id: str = ""
    function: list[str] = Field(default_factory=list)
    """One JSON object for each function."""
    temperature: str = ""
    top_p: str = ""
    response_format: str = "auto"
    response_schema: Text = ""
    reasoning_effort: str = ""
    metadata_key: list[str] = Field(default_factory=list)
    metadata_value: list[str] = Field(default_factory=list)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of metadata that are not empty."""
        pairs = zip(self.metadata_key, self.metadata_value, strict=False)
        return tuple(pair for pair in pairs if any(pair))


def new_fields(deployment: str) -> AssistantFields:
    """Return the form of an assistant that is yet to be made."""
    return AssistantFields(deployment=deployment, code_interpreter=True)


def fields_of(assistant: Assistant) -> AssistantFields:
    """Return an assistant as the form shows it."""
    return read_fields(assistant.to_dict()).model_copy(update={"assistant_id": assistant.id})


def read_fields(data: dict[str, Any]) -> AssistantFields:
    """Return the form of an assistant's JSON, whose shape has been checked."""
    tools = data.get("tools") or []
    kinds = {tool.get("type") for tool in tools}
    resources = data.get("tool_resources") or {}
    chosen_format, schema = _response_format(data.get("response_format"))
    metadata = data.get("metadata") or {}
    return AssistantFields(
        name=data.get("name") or "",
        description=data.get("description") or "",
        instructions=data.get("instructions") or "",
        deployment=data.get("model") or "",
        code_interpreter="code_interpreter" in kinds,
        code_file_ids=(resources.get("code_interpreter") or {}).get("file_ids") or [],
        file_search="file_search" in kinds,
        vector_store_id=next(iter((resources.get("file_search") or {}).get("vector_store_ids") or []), ""),
        function=[as_json(tool["function"]) for tool in tools if tool.get("type") == "function"],
        temperature=_number(data.get("temperature")),
        top_p=_number(data.get("top_p")),
        response_format=chosen_format,
        response_schema=schema,
        reasoning_effort=data.get("reasoning_effort") or "",
        metadata_key=list(metadata),
        metadata_value=[str(value) for value in metadata.values()],
    )


def as_json(value: object, indent: int | None = None) -> str:
    """Write JSON for people: no escapes for letters of other scripts."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _response_format(value: object) -> tuple[str, str]:
    match value:
        case {"type": "json_schema", "json_schema": dict(schema)}:
            return "json_schema", as_json(schema, indent=2)
        case {"type": str(kind)} | str(kind):
            return kind, ""
        case _:
            return "auto", ""


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)
