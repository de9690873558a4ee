"""The material as the Responses API takes it: its hosted tools, its items, its settings."""

from __future__ import annotations

from typing import Any

from app.playground.code.literals import Name
from app.playground.code.material import Json, Material, Step, Store
from app.playground.code.turns import Turn, turns_of

_KEPT = ("model", "instructions", "temperature", "top_p", "parallel_tool_calls")


def responses_context(material: Material) -> Json:
    """Return what the templates of Responses programs need."""
    context = _Resources(material)
    settings = context.settings(material.assistant)
    turns, is_complete = turns_of(material.steps, context.turn)
    notes = ["Assistants and threads end here: settings go with every request, the conversation is a chain of ids."]
    if any("max_prompt_tokens" in step.body or "truncation_strategy" in step.body for step in material.steps):
        notes.append("max_prompt_tokens and truncation_strategy have no counterpart here; they are left out.")
    if context.lacks_store:
        notes.append("file_search needs a vector store, and the assistant has none; the tool is left out.")
    if not is_complete:
        notes.append("The last messages were not followed by a run; they are left out.")
    stores = [*material.stores, *context.added_stores]
    return {"settings": settings, "turns": turns, "notes": notes, "files": material.files, "stores": stores}


class _Resources:
    """What the hosted tools work on: files of the assistant, the thread and the messages, all from the start."""

    def __init__(self, material: Material) -> None:
        given = [material.assistant.get("tool_resources", {}), material.thread.get("tool_resources", {})]
        attached = [each for step in material.steps for each in step.body.get("attachments", ())]
        self.code_files = [name for each in given for name in each.get("code_interpreter", {}).get("file_ids", ())]
        self.code_files += _for_tool(attached, "code_interpreter")
        self.stores = [name for each in given for name in each.get("file_search", {}).get("vector_store_ids", ())]
        self.added_stores: list[Store] = []
        if searched := _for_tool(attached, "file_search"):
            self.added_stores = [Store(f"store_{len(material.stores) + 1}", "Files of the session", searched)]
            self.stores += [Name(self.added_stores[0].variable)]
        self.lacks_store = False

    def settings(self, body: Json) -> Json:
        settings = {name: body[name] for name in _KEPT if name in body}
        if "tools" in body:
            settings["tools"] = [tool for each in body["tools"] if (tool := self._tool(each)) is not None]
        if "response_format" in body:
            settings["text"] = {"format": _format(body["response_format"])}
        if "reasoning_effort" in body:
            settings["reasoning"] = {"effort": body["reasoning_effort"]}
        if "max_completion_tokens" in body:
            settings["max_output_tokens"] = body["max_completion_tokens"]
        if "tool_choice" in body:
            settings["tool_choice"] = _choice(body["tool_choice"])
        return settings

    def turn(self, messages: list[Json], run: Step) -> Turn:
        return Turn([_item(message) for message in messages], self.settings(run.body))

    def _tool(self, tool: Json) -> Json | None:
        match tool["type"]:
            case "function":
                function = tool["function"]
                parameters = function.get("parameters") or {"type": "object", "properties": {}}
                described = {"description": function["description"]} if function.get("description") else {}
                strict = bool(function.get("strict"))
                named = {"type": "function", "name": function["name"], **described}
                return {**named, "parameters": parameters, "strict": strict}
            case "code_interpreter":
                files = {"file_ids": self.code_files} if self.code_files else {}
                return {"type": "code_interpreter", "container": {"type": "auto", **files}}
            case "file_search" if self.stores:
                return {"type": "file_search", "vector_store_ids": self.stores, **tool.get("file_search", {})}
            case _:
                self.lacks_store = True
                return None


def _for_tool(attachments: list[Json], tool: str) -> list[Name]:
    return list(
        dict.fromkeys(
            each["file_id"] for each in attachments if any(one["type"] == tool for one in each.get("tools", ()))
        )
    )


def _format(response_format: Json) -> Json:
    if response_format["type"] != "json_schema":
        return response_format
    return {"type": "json_schema", **response_format["json_schema"]}


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "name": choice["function"]["name"]}
    return choice


def _item(message: Json) -> Json:
    content = message["content"]
    if isinstance(content, list):
        is_user = message["role"] == "user"
        content = [_part(part) for part in content] if is_user else _texts(content)
    return {"role": message["role"], "content": content}


def _part(part: Json) -> Json:
    match part["type"]:
        case "text":
            return {"type": "input_text", "text": part["text"]}
        case "image_file":
            return {"type": "input_image", **part["image_file"]}
        case _:
            url = part["image_url"]
            return {"type": "input_image", "image_url": url["url"], "detail": url.get("detail", "auto")}


def _texts(content: list[Json]) -> str:
    return "\n".join(part["text"] for part in content if part["type"] == "text")
