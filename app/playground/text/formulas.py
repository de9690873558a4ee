r"""Formulas in Markdown: `\(…\)`, `\[…\]`, `$…$` and `$$…$$` become MathML."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element
from mdit_py_plugins.dollarmath import dollarmath_plugin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

Display = Literal["inline", "block"]

_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_LENGTH_LIMIT = 4_000


def formulas_plugin(md: MarkdownIt) -> None:
    """Teach `md` the four ways of writing a formula."""
    dollarmath_plugin(md, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    # Before `escape`, which would take the backslash away; alternatives end a paragraph that goes before.
    md.inline.ruler.before("escape", "formula", _inline_formula)
    md.block.ruler.before("fence", "formula", _block_formula, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    for token in ("math_inline", "math_inline_double", "math_block"):
        md.add_render_rule(token, _render)


@lru_cache(maxsize=2048)
def to_mathml(latex: str, display: Display) -> str:
    """Return MathML, or the source as code where it can't be converted."""
    source = f"<code>{html.escape(latex)}</code>"
    if len(latex) > _LENGTH_LIMIT:
        return source
    try:
        return _serialise(convert_to_element(latex, display=display))
    except Exception:
        return source


def _serialise(math: Element) -> str:
    """Write the MathML with its text escaped; the converter's own text would let HTML in a formula through."""
    for element in math.iter():
        element.text = html.unescape(element.text or "")
    return tostring(math, encoding="unicode")


def _inline_formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  The parser's signature.
    opening = state.src[state.pos : state.pos + 2]
    if opening not in _CLOSING:
        return False
    limit = min(state.posMax, state.pos + _LENGTH_LIMIT)
    end = state.src.find(_CLOSING[opening], state.pos + 2, limit)
    content = state.src[state.pos + 2 : end].strip()
    if end < 0 or not content:
        return False
    if not silent:
        token = state.push("math_inline" if opening == "\\(" else "math_inline_double", "math", 0)
        token.content = content
    state.pos = end + 2
    return True


def _block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  As above.
    begin = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not state.src.startswith("\\[", begin):
        return False
    closing = state.src.find("\\]", begin + 2, begin + _LENGTH_LIMIT)
    last = start
    while last < end and state.eMarks[last] < closing and not state.isEmpty(last):
        last += 1
    if closing < 0 or last == end or state.isEmpty(last) or state.src[closing + 2 : state.eMarks[last]].strip():
        return False  # It has no end in this block, or text goes on behind it.
    content = state.getLines(start, last + 1, state.blkIndent, False).strip()[2:-2].strip()
    if not silent:
        state.line = last + 1
        token = state.push("math_block", "math", 0)
        token.content, token.map = content, [start, state.line]
    return True


def _render(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    if token.type == "math_inline":
        return to_mathml(token.content, "inline")
    formula = to_mathml(token.content.strip(), "block")
    return f'<div class="formula">{formula}</div>\n' if token.type == "math_block" else formula
