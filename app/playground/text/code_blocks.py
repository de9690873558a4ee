"""Code as HTML: Pygments marks the words by `hl-` classes, which the stylesheet colours."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_LENGTH_LIMIT = 30_000
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}", re.ASCII)
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="hl-")


@lru_cache(maxsize=256)
def code_block(code: str, info: str) -> str:
    """Return `<pre>` with coloured code; the first word of `info` is its language and stands in `data-language`."""
    match = _LANGUAGE.match(info.strip())
    language = match[0].lower() if match else "text"
    return f'<pre class="code" data-language="{language}" tabindex="0"><code>{_colour(code, language)}</code></pre>\n'


def _colour(code: str, language: str) -> str:
    if len(code) > _LENGTH_LIMIT:
        return html.escape(code)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return html.escape(code)
    return highlight(code, lexer, _FORMATTER)
