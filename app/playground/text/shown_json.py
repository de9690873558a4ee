"""JSON as people read it: formatted, in colours, and with the place of a mistake."""

from __future__ import annotations

import json
from typing import Final

from markupsafe import Markup

from app.playground.text.code_blocks import code_block

_SHOWN_CHARACTERS: Final = 20_000


def formatted(text: str) -> str:
    """Return JSON with line breaks and spaces; text that is no JSON stays as it is."""
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        shown.encode()  # Half a character, escaped in JSON, can't be shown.
    except (ValueError, RecursionError):
        return text
    return shown


def coloured(text: str) -> Markup:
    """Return text as a block of code, formatted and coloured where it is JSON; very long text is cut."""
    shown = formatted(text)
    cut = len(shown) - _SHOWN_CHARACTERS
    if cut > 0:
        shown = f"{shown[:_SHOWN_CHARACTERS]}\n… {cut:,} more characters"
    language = "text" if mistake(text) else "json"
    return Markup(code_block(shown, language))  # noqa: S704  Pygments escapes.


def mistake(text: str) -> str:
    """Return where text stops being JSON, or nothing when it is JSON."""
    try:
        json.loads(text)
    except RecursionError:
        return "it is nested too deeply"
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}"
    except ValueError:
        return "it holds a number that is too long"
    return ""
