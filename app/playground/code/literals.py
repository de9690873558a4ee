"""Writes values as literals of a language, so that no string can end early or mean anything but itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_INLINE_LENGTH: Final = 72
_MOST_LINES: Final = 5_000
"""A text of more is one literal: a C# compiler needs minutes to join a hundred thousand."""
_TAB: Final = "    "
_LARGEST_SHORT: Final = 0xFFFF
_LARGEST_LONG: Final = 2**63 - 1
_ODD: Final = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
"""What is not seen or turns the text around, ends a line in some language, or is no character by itself."""


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of the program, where a value is expected."""

    text: str


Value = None | bool | int | float | str | Name | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Language:
    """How a language writes values."""

    text: Callable[[str, str], str]
    """Writes a string; the second argument is the indentation of its further lines."""
    key: Callable[[str], str] = field(default=lambda key: json_text(key) + ": ")
    name: Callable[[str], str] = field(default=lambda name: name)
    number: Callable[[int | float], str] = field(default=json.dumps)
    constants: tuple[str, str, str] = ("null", "true", "false")
    mapping: tuple[str, str] = ("{", "}")
    sequence: tuple[str, str] = ("[", "]")


def write(language: Language, value: Value, indent: str = "") -> str:  # noqa: PLR0911  One for each kind.
    """Return `value` as a literal; its further lines begin with `indent`."""
    match value:
        case None:
            return language.constants[0]
        case bool():
            return language.constants[1 if value else 2]
        case Name(text):
            return language.name(text)
        case str():
            return language.text(value, indent + _TAB)
        case int() | float():
            return language.number(value)
        case Mapping():
            members = [language.key(key) + write(language, each, indent + _TAB) for key, each in value.items()]
            return _joined(language.mapping, members, indent)
        case _:
            return _joined(language.sequence, [write(language, each, indent + _TAB) for each in value], indent)


def _joined(brackets: tuple[str, str], members: list[str], indent: str) -> str:
    first, last = brackets
    if not members:
        return first + last
    line = ", ".join(members)
    if "\n" not in line and len(line) + len(indent) <= _INLINE_LENGTH:
        return f"{first}{' ' * first.endswith(' {')}{line}{' ' * first.endswith(' {')}{last}"
    inner = f",\n{indent}{_TAB}".join(members)
    return f"{first}\n{indent}{_TAB}{inner}\n{indent}{last}"


def json_text(text: str) -> str:
    """Return a string as JSON; it is one in JavaScript and C# too."""
    return _ODD.sub(_utf16, json.dumps(text, ensure_ascii=False))


def _python_text(text: str) -> str:
    return _ODD.sub(_codepoint, json.dumps(text, ensure_ascii=False))


def _codepoint(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= _LARGEST_SHORT else f"\\U{code:08x}"


def _utf16(match: re.Match[str]) -> str:
    encoded = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{encoded[place : place + 2].hex()}" for place in range(0, len(encoded), 2))


def _lines(text: str) -> list[str]:
    ends = text.rstrip("\n").count("\n")
    return text.splitlines(keepends=True) if 0 < ends < _MOST_LINES and "\r" not in text else [text]


def _python_lines(text: str, indent: str) -> str:
    lines = [_python_text(line) for line in _lines(text)]
    if len(lines) == 1:
        return lines[0]
    return f"(\n{indent}" + f"\n{indent}".join(lines) + f"\n{indent.removesuffix(_TAB)})"


def _added_lines(text: str, indent: str) -> str:
    return f" +\n{indent}".join(json_text(line) for line in _lines(text))


def _quoted(text: str) -> str:
    return json_text(text).replace("'", "'\\''")


def _script_key(key: str) -> str:
    return '["__proto__"]: ' if key == "__proto__" else json_text(key) + ": "


def _sharp_number(number: float) -> str:
    written = json.dumps(number)
    return f'JsonNode.Parse("{written}")' if isinstance(number, int) and abs(number) > _LARGEST_LONG else written


PYTHON: Final = Language(
    text=_python_lines, key=lambda key: _python_text(key) + ": ", number=repr, constants=("None", "True", "False")
)
JAVASCRIPT: Final = Language(text=_added_lines, key=_script_key)
CSHARP: Final = Language(
    text=_added_lines,
    key=lambda key: f"[{json_text(key)}] = ",
    number=_sharp_number,
    mapping=("new JsonObject {", "}"),
    sequence=("new JsonArray {", "}"),
)
SHELL: Final = Language(
    text=lambda text, _indent: _quoted(text),
    key=lambda key: _quoted(key) + ": ",
    name=lambda name: f'"\'"${name}"\'"',
)
"""JSON between single quotes; a variable stands between two such pieces."""


def shell_word(text: str) -> str:
    """Return one word of a shell command, on one line; NUL, which no word can hold, is left out."""
    word = text.replace("\0", "")
    if not _UNPRINTED.search(word):
        return "'" + word.replace("'", "'\\''") + "'"
    return "$'" + _UNPRINTED.sub(_bytes, word.replace("\\", "\\\\").replace("'", "\\'")) + "'"


def _bytes(match: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in match[0].encode(errors="replace"))


_UNPRINTED: Final = re.compile(f"[\x01-\x1f]|{_ODD.pattern}")
