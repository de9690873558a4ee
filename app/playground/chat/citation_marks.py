"""Marks of citations in an answer's text, such as 【4:0†report.pdf】: cited ones become numbered buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markdown_it.token import Token
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.utils import EnvType, OptionsDict

_MARK: Final = re.compile(r"【[^【】]{1,400}】")
_WRITTEN_MARK: Final = re.compile(r"【\d+:\d+(?:†[^【】]*)?】")
_BEGUN_MARK: Final = re.compile(r"【(?:\d+(?::(?:\d+(?:†[^【】\n]{0,400})?)?)?)?$")
_BEGIN, _END = "\ue000", "\ue001"
_PLACEHOLDER: Final = re.compile(f"{_BEGIN}(\\d+){_END}")
_SPAN: Final = re.compile(r'<span class="cite-(\d+)"></span>')
_BUTTON: Final = Markup(
    '&NoBreak;<button type="button" class="cite" data-clicks="{}" aria-label="Source {}: {}">{}</button>'
)
_PLAIN: Final = Markup('&NoBreak;<span class="cite" title="{}">{}</span>')


@dataclass(frozen=True, slots=True)
class CitationMark:
    """What stands in the place of a mark: a number that opens the source of that element id, where it opens."""

    number: int
    name: str
    opens: str = ""


def is_mark(text: str) -> bool:
    """Tell whether a service's annotation names a mark, and not just any piece of the text."""
    return _MARK.fullmatch(text) is not None


def without_marks(text: str) -> str:
    """Return unfinished text without marks: whether one is a citation is known at the end."""
    return _BEGUN_MARK.sub("", _WRITTEN_MARK.sub("", text))


class Marked:
    """A text whose cited marks are placeholders that mean nothing to Markdown."""

    def __init__(self, text: str, marks: Mapping[str, CitationMark]) -> None:
        self._marks: list[CitationMark] = []
        self._originals: list[str] = []
        plain = text.replace(_BEGIN, "").replace(_END, "")
        self.text = _MARK.sub(lambda found: self._placeholder(found[0], marks), plain)

    def restored(self, text: str) -> str:
        """Put the marks back, where a button has no place: in code and formulas."""
        return _PLACEHOLDER.sub(lambda found: self._originals[int(found[1])], text)

    def pieces(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Yield the text's pieces, each with the number of the mark behind it."""
        end = 0
        for found in _PLACEHOLDER.finditer(text):
            yield text[end : found.start()], int(found[1])
            end = found.end()
        yield text[end:], None

    def with_buttons(self, rendered: str) -> str:
        """Put the buttons into the finished, clean HTML."""
        return _SPAN.sub(lambda found: _button(self._marks[int(found[1])]), rendered)

    def _placeholder(self, mark: str, marks: Mapping[str, CitationMark]) -> str:
        if mark not in marks:
            return mark
        self._marks.append(marks[mark])
        self._originals.append(mark)
        return f"{_BEGIN}{len(self._marks) - 1}{_END}"


def citations_plugin(md: MarkdownIt) -> None:
    """Turn the placeholders of `env["marked"]` into empty spans, for `with_buttons` to fill."""
    md.core.ruler.push("citations", _split_texts)
    md.add_render_rule("citation", _render_span)


def _split_texts(state: StateCore) -> None:
    marked: Marked = state.env["marked"]
    for token in state.tokens:
        if token.children is None:
            _restore(token, marked)
        else:
            token.children = [piece for child in token.children for piece in _split(child, marked)]


def _split(token: Token, marked: Marked) -> Iterator[Token]:
    if token.type != "text" or _BEGIN not in token.content:
        _restore(token, marked)
        yield token
        return
    for text, number in marked.pieces(token.content):
        yield Token("text", "", 0, content=text)
        if number is not None:
            yield Token("citation", "", 0, meta={"number": number})


def _restore(token: Token, marked: Marked) -> None:
    token.content, token.info = marked.restored(token.content), marked.restored(token.info)
    for child in token.children or ():
        _restore(child, marked)


def _render_span(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return f'<span class="cite-{tokens[index].meta["number"]}"></span>'


def _button(mark: CitationMark) -> str:
    if mark.opens:
        return str(_BUTTON.format(mark.opens, mark.number, mark.name, mark.number))
    return str(_PLAIN.format(mark.name, mark.number))
