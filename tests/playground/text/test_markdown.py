from __future__ import annotations

import time

import pytest
from lxml import etree, html

from app.playground.text.markdown import render

MATHML = "{http://www.w3.org/1998/Math/MathML}"
DOCUMENT = """# Result

The *mean* is **4** and `x` too, see <https://example.com/a?b=1&c=2>.

| name | value |
| :--- | ----: |
| a    | 1     |

```python
print("hi")  # says hi
```

Solved: \\(x = 1\\), and
\\[
x^2
- y = \\frac{1}{2}
\\]
~~gone~~ $5 and $6, but $a^2$.

![plot](sandbox:/mnt/data/plot.png)
"""


def parse(text: str, links: dict[str, str] | None = None) -> html.HtmlElement:
    return html.fragment_fromstring(str(render(text, links)), create_parent="article")


def test_headings_emphasis_tables_and_code_are_marked_up() -> None:
    article = parse(DOCUMENT)
    assert article.findtext("h1") == "Result"
    assert article.findtext(".//strong") == "4"
    assert article.findtext(".//s") == "gone"
    assert [cell.get("class") for cell in article.iter("td")] == ["align-left", "align-right"]


def test_code_is_coloured_by_classes_and_names_its_language() -> None:
    (block,) = parse(DOCUMENT).iter("pre")
    assert block.get("data-language") == "python"
    assert [part.text for part in block.iter("span") if part.get("class") == "hl-nb"] == ["print"]
    assert block.text_content() == 'print("hi")  # says hi\n'


@pytest.mark.parametrize("info", ["", "klingon", "python title=x", '"><script>'])
def test_code_of_any_language_keeps_its_text(info: str) -> None:
    (block,) = parse(f"```{info}\na < b && c\n```").iter("pre")
    assert block.text_content() == "a < b && c\n"


def test_code_of_any_length_keeps_its_text() -> None:
    code = "x = '<'\n" * 5_000
    (block,) = parse(f"```python\n{code}```").iter("pre")
    assert block.text_content() == code


@pytest.mark.parametrize(
    ("text", "display"),
    [
        (r"so \(x = 1\).", "inline"),
        (r"so $x = 1$.", "inline"),
        (r"so \[x = 1\] then", "block"),
        (r"so $$x = 1$$ then", "block"),
        ("so\n\\[\nx\n= 1\n\\]\nthen", "block"),
        ("\\[\nx = 1\n\\]", "block"),
        ("$$\nx = 1\n$$", "block"),
        ("> \\[\n> x = 1\n> \\]", "block"),
        ("1. first\n   \\[ x = 1 \\]\n", "block"),
    ],
)
def test_formulas_become_mathml(text: str, display: str) -> None:
    (math,) = (element for element in parse(text).iter() if str(element.tag).endswith("math"))
    assert math.get("display") == display
    assert "".join(math.itertext()) == "x=1"


@pytest.mark.parametrize(
    "text", ["$5 and $6", "it costs 5$ or 6$", r"half \(x = 1", r"half \[x", "`$a$`", r"\\(x\\)", "$ a $", r"\(\)"]
)
def test_what_is_no_formula_stays_text(text: str) -> None:
    assert not [element for element in parse(text).iter() if str(element.tag).endswith("math")]


def test_a_formula_that_cannot_be_converted_is_shown_as_code() -> None:
    assert parse(r"\(\frac{1}{\)").findtext(".//code") == r"\frac{1}{"
    assert parse("$$\n" + "x+" * 3000 + "\n$$").findtext(".//code") is not None


def test_html_in_a_formula_is_text() -> None:
    article = parse(r'\(\text{<a href="https://evil.example">x</a>}\)')
    assert list(article.iter("a")) == []
    assert "evil.example" in article.text_content()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<p style="position:fixed" id="bus" class="toast">x</p>',
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:msgbox)",
        "![x](javascript:alert(1))",
        '[x](https://a.example "\' onclick=alert(1)")',
        '<https://a.example/" onmouseover=alert(1)>',
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_that_runs_or_restyles_gets_through(text: str) -> None:
    for element in parse(text).iter():
        assert element.tag not in {"script", "img", "style", "iframe", "form", "input"}
        assert set(element.attrib) <= {"href", "rel", "target", "class", "data-language", "tabindex"}
        assert str(element.get("href", "https:")).startswith("https:")


def test_images_become_links_that_nobody_follows_by_accident() -> None:
    (link,) = parse("![a *plot*](https://a.example/x.png)").iter("a")
    assert (link.text, link.get("href")) == ("a plot", "https://a.example/x.png")
    assert link.get("rel") == "noopener noreferrer nofollow"
    assert link.get("target") == "_blank"


def test_addresses_of_this_site_are_linked_only_where_the_caller_names_them() -> None:
    links = {"sandbox:/mnt/data/my plot.png": "/files/file-1"}
    article = parse("[a](sandbox:/mnt/data/my%20plot.png) [b](sandbox:/mnt/data/x) [c](/delete)", links)
    assert [link.get("href") for link in article.iter("a")] == ["/files/file-1", None, None]


def test_a_file_name_is_not_taken_for_a_site() -> None:
    assert list(parse("see plot.py and a@b.example").iter("a")) == []
    (link,) = parse("see https://example.com/x.").iter("a")
    assert link.get("href") == "https://example.com/x"


def test_every_beginning_of_a_text_renders() -> None:
    for length in range(len(DOCUMENT)):
        etree.tostring(parse(DOCUMENT[:length]))


def bombs() -> list[str]:
    line = 19_000
    units = [
        "[",
        "![[",
        "[](",
        "*a _b ",
        "`a``",
        "$a ",
        "$$a",
        "\\(",
        "**a ",
        "*a**b",
        "~~a ",
        "|a",
        "<",
        "http://a.b ",
    ]
    return [
        *("\n".join([unit * (line // len(unit))] * 5) for unit in units),
        "*_" * 4_500 + "x" + "_*" * 4_500,
        "> " * line,
        "- " * line,
        "\\[\n" * 30_000,
        "[a]: b\n" * 14_000,
        "\\(" + "\\frac{" * 600 + "\\)",
        "\\(" + "{" * 3000 + "\\)",
        "x" * 1_000_000,
        "x\n" * 500_000,
    ]


@pytest.mark.parametrize("text", bombs(), ids=lambda text: repr(text[:6]))
def test_a_bomb_costs_little(text: str) -> None:
    started = time.process_time()
    assert parse(text).text_content()
    assert time.process_time() - started < 5


def test_more_elements_than_a_page_bears_are_shown_as_text() -> None:
    table = "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|x|\n" * 30
    paragraphs = "x\n\n" * 30_000
    for text in (table, paragraphs):
        assert len(parse(text).findall(".//*")) < 20
    long = "## Head\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n" * 200
    assert len(parse(long).findall(".//table")) == 200
