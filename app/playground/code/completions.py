"""The material as Chat Completions takes it: functions only, the conversation sent anew each time."""

from __future__ import annotations

from typing import Any

from app.playground.code.literals import Name
from app.playground.code.material import File, Json, Material, Step
from app.playground.code.turns import Turn, turns_of

_KEPT = ("model", "temperature", "top_p", "response_format", "reasoning_effort", "max_completion_tokens")


def completions_context(material: Material) -> Json:
    """Return what the templates of Chat Completions programs need."""
    turns, is_complete = turns_of(material.steps, _turn)
    kinds = {tool["type"] for tool in _offered(material)}
    notes = ["There are no assistants and threads here: the whole conversation is sent each time."]
    if "code_interpreter" in kinds:
        notes.append("There is no code interpreter here: this program does without it, and without its files.")
    if "file_search" in kinds:
        notes.append("There is no file search here: this program does without it, and without its files.")
    if any("max_prompt_tokens" in step.body or "truncation_strategy" in step.body for step in material.steps):
        notes.append(
            "Nothing shortens a long conversation here; max_prompt_tokens and truncation_strategy are left out."
        )
    if not is_complete:
        notes.append("The last messages were not followed by a run; they are left out.")
    return {
        "settings": _settings(material.assistant),
        "instructions": material.assistant.get("instructions", ""),
        "turns": turns,
        "notes": notes,
        "files": _pictures(material),
        "stores": [],
    }


def _offered(material: Material) -> list[Json]:
    bodies = [material.assistant, *(step.body for step in material.steps)]
    return [tool for body in bodies for tool in body.get("tools", ())]


def _settings(body: Json) -> Json:
    settings = {name: body[name] for name in _KEPT if name in body}
    functions = [tool for tool in body.get("tools", ()) if tool["type"] == "function"]
    if functions:
        settings["tools"] = functions
    if functions and "parallel_tool_calls" in body:
        settings["parallel_tool_calls"] = body["parallel_tool_calls"]
    if (choice := _choice(body.get("tool_choice"))) is not None:
        settings["tool_choice"] = choice
    return settings


def _choice(choice: Any) -> Any:
    """Return what chooses among functions; a hosted tool that must be used is not on offer."""
    if isinstance(choice, dict):
        return choice if choice.get("type") == "function" else None
    return None if choice == "auto" else choice


def _turn(messages: list[Json], run: Step) -> Turn:
    changes = _settings(run.body)
    return Turn([_message(message) for message in messages], changes, run.body.get("instructions"))


def _message(message: Json) -> Json:
    content = message["content"]
    if isinstance(content, list):
        is_user = message["role"] == "user"
        content = [_part(part) for part in content if is_user or part["type"] == "text"]
    return {"role": message["role"], "content": content}


def _part(part: Json) -> Json:
    if part["type"] != "image_file":
        return part
    return {"type": "image_url", "image_url": {"url": part["image_file"]["file_id"]}}


def _pictures(material: Material) -> list[File]:
    shown: set[Name] = set()
    for step in material.steps:
        if isinstance(content := step.body.get("content"), list):
            shown |= {part["image_file"]["file_id"] for part in content if part["type"] == "image_file"}
    return [file for file in material.files if Name(file.variable) in shown]
