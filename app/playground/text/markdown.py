"""Markdown of messages to safe HTML: the only place that makes `Markup` from text."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.playground.chat.citation_marks import Marked, citations_plugin
from app.playground.text.code_blocks import code_block
from app.playground.text.formulas import formulas_plugin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

    from app.playground.chat.citation_marks import CitationMark

_LENGTH_LIMIT: Final = 100_000
_LINE_LIMIT: Final = 20_000
_BRACKET_LIMIT: Final = 3_000
_ELEMENT_LIMIT: Final = 10_000
_MATHML: Final = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt",
    "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom",
    "menclose", "merror", "mmultiscripts", "mprescripts", "none",
}  # fmt: skip
_TAGS: Final = _MATHML | {
    "a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_SCHEMES: Final = frozenset({"http", "https", "mailto"})
_MATHML_ATTRIBUTES: Final = {
    "display", "xmlns", "mathvariant", "mathcolor", "mathsize", "stretchy", "fence", "form", "separator", "largeop",
    "movablelimits", "accent", "accentunder", "lspace", "rspace", "width", "height", "depth", "linethickness",
    "columnalign", "rowspacing", "columnspacing", "columnlines", "rowlines", "notation", "minsize", "maxsize",
    "displaystyle", "scriptlevel",
}  # fmt: skip
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href"},
    "code": {"class"},
    "span": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "pre": {"class", "data-language", "tabindex"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
    **dict.fromkeys(_MATHML, _MATHML_ATTRIBUTES),
}


def render(
    text: str, links: Mapping[str, str] | None = None, marks: Mapping[str, CitationMark] | None = None
) -> Markup:
    """Return `text` as HTML without scripts, styles or images; never raises, whatever the text.

    `links` names what may be linked besides http, https and mailto: from an address as the model writes it
    (`sandbox:/mnt/data/sales.csv`) to an address of this site. An image becomes a link with its alternative text.
    `marks` says which citation marks of the text become numbers.
    """
    if _is_too_costly(text):
        return _plain(text)
    marked = Marked(text, marks or {})
    try:
        rendered = _rendered(marked.text, {"links": links or {}, "marked": marked})
    except RecursionError:
        return _plain(text)
    if rendered is None:
        return _plain(text)
    return Markup(marked.with_buttons(_CLEANER.clean(rendered)))  # noqa: S704  Cleaned in this very line.


def _rendered(text: str, env: EnvType) -> str | None:
    """Return HTML, or nothing where it would be more elements than a page bears, as a wide table with empty rows."""
    tokens = _MARKDOWN.parse(text, env)
    elements = sum(token.nesting >= 0 for token in tokens) + sum(len(token.children or ()) for token in tokens)
    return None if elements > _ELEMENT_LIMIT else _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)


def _is_too_costly(text: str) -> bool:
    if len(text) > _LENGTH_LIMIT or any(len(line) > _LINE_LIMIT for line in text.split("\n")):
        return True
    # Brackets that are never closed take time by their square.
    return any(paragraph.count("[") > _BRACKET_LIMIT for paragraph in text.split("\n\n"))


def _plain(text: str) -> Markup:
    return Markup('<pre class="plain" tabindex="0">{}</pre>').format(text)


def _parser() -> MarkdownIt:
    md = MarkdownIt("js-default", {"html": False, "linkify": True})
    # A file's name such as plot.py is not a site in Paraguay.
    md.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # type: ignore[union-attr]  # linkify-it is installed
    formulas_plugin(md)
    citations_plugin(md)
    md.add_render_rule("fence", _render_code)
    md.add_render_rule("code_block", _render_code)
    md.add_render_rule("image", _render_image)
    md.add_render_rule("link_open", _render_link_open)
    md.add_render_rule("table_open", _render_table_open)
    md.add_render_rule("table_close", _render_table_close)
    md.add_render_rule("td_open", _render_cell)
    md.add_render_rule("th_open", _render_cell)
    return md


def _render_code(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return code_block(tokens[index].content, tokens[index].info)


def _render_image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    source = str(token.attrGet("src") or "")
    alternative = renderer.renderInlineAsText(token.children, options, env) or unquote(source)
    return f"{_opening_tag(source, env)}{html.escape(alternative)}</a>"


def _render_link_open(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    return _opening_tag(str(tokens[index].attrGet("href") or ""), env)


def _opening_tag(address: str, env: EnvType) -> str:
    links: Mapping[str, str] = env.get("links", {})
    target = links.get(address) or links.get(unquote(address))
    if target is None and urlsplit(address).scheme.lower() in _SCHEMES:
        target = address
    return "<a>" if target is None else f'<a href="{html.escape(target)}">'


def _render_table_open(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Put the table into a box of its own, which scrolls, also by keyboard."""
    return '<div class="table" tabindex="0" role="group" aria-label="Table"><table>'


def _render_table_close(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return "</table></div>"


def _render_cell(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    """Write a table cell with its alignment as a class, since style attributes are not allowed."""
    token = tokens[index]
    alignment = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="align-{alignment}">' if alignment else f"<{token.tag}>"


_MARKDOWN: Final = _parser()
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    url_schemes=set(_SCHEMES),
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
