"""Writes programs: which APIs and languages there are, and the templates that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.errors import InvalidRequest
from app.playground.code.completions import completions_context
from app.playground.code.literals import CSHARP, JAVASCRIPT, PYTHON, SHELL, Language, Value, shell_word, write
from app.playground.code.responses import responses_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from app.playground.code.material import Json, Material

Api = Literal["assistants", "responses", "chat"]
LanguageKey = Literal["python", "javascript", "typescript", "csharp", "curl"]
Dialect = Literal["openai", "azure"]

_LINE_LENGTH: Final = 88


@dataclass(frozen=True, slots=True)
class Style:
    """A language: its name, the ending of its files and of its templates, and how Pygments calls it."""

    label: str
    ending: str
    template: str
    lexer: str
    language: Language


STYLES: Final[Mapping[str, Style]] = {
    "python": Style("Python", "py", "py", "python", PYTHON),
    "javascript": Style("JavaScript", "mjs", "js", "javascript", JAVASCRIPT),
    "typescript": Style("TypeScript", "mts", "js", "typescript", JAVASCRIPT),
    "csharp": Style("C#", "cs", "cs", "csharp", CSHARP),
    "curl": Style("curl", "sh", "sh", "bash", SHELL),
}
APIS: Final[Mapping[str, str]] = {
    "assistants": "Assistants API",
    "responses": "Responses API",
    "chat": "Chat Completions",
}


class Programs:
    """The templates of all programs."""

    def __init__(self, templates_dir: Path) -> None:
        self._environments = {key: _environment(templates_dir / "code", style) for key, style in STYLES.items()}

    def write(self, material: Material, api: Api, language: LanguageKey, dialect: Dialect, server: str) -> str:
        """Return the program; `server` is this server's address."""
        style = STYLES[language]
        template = self._environments[language].get_template(f"{api}.{style.template}.jinja")
        try:
            text = template.render(self._context(material, api, dialect, server), is_typed=language == "typescript")
        except RecursionError as error:
            raise InvalidRequest("A function's schema is nested too deeply to be written as a program.") from error
        return _tidied(text)

    def _context(self, material: Material, api: Api, dialect: Dialect, server: str) -> Json:
        common: Json = {
            "title": "A session of the playground" if material.is_session else "An assistant of the playground",
            "is_session": material.is_session,
            "is_azure": api == "assistants" and dialect == "azure",
            "is_assistants": api == "assistants",
            "is_chat": api == "chat",
            "asks": material.asks,
            "functions": material.functions,
            "outputs": material.outputs,
            "endpoint": server,
            "base_url": f"{server}/v1" if api == "assistants" else "https://api.openai.com/v1",
        }
        match api:
            case "assistants":
                own = {name: getattr(material, name) for name in ("assistant", "thread", "files", "stores", "steps")}
            case "responses":
                own = responses_context(material)
            case "chat":
                own = completions_context(material)
        return common | own


def _environment(folder: Path, style: Style) -> Environment:
    environment = Environment(  # noqa: S701  Programs, not HTML: every value passes `literal` or `word`.
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    language = style.language

    def literal(value: Value) -> str:
        return write(language, value)

    def arguments(values: Mapping[str, Value]) -> str:
        members = [f"{name}={write(language, value, '    ')}" for name, value in values.items()]
        line = ", ".join(members)
        if len(line) <= _LINE_LENGTH and "\n" not in line:
            return line
        return "\n    " + ",\n    ".join(members) + ",\n"

    environment.filters.update(literal=literal, arguments=arguments, word=shell_word)
    return environment


def _tidied(text: str) -> str:
    """Leave out spaces at the ends of lines and more than two empty lines; no literal holds a line end of its own."""
    return re.sub(r"\n{4,}", "\n\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip("\n") + "\n"
