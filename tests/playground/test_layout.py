from __future__ import annotations

import pytest

from app.playground.layout import Layout, read_layout
from tests.playground.visitor import Visitor


def test_a_layout_is_read_with_its_order_widths_and_hidden_panes() -> None:
    layout = read_layout("logs.400.off:chat:setup.320:logs")
    assert layout == Layout(("logs", "chat", "setup"), (("logs", 400), ("setup", 320)), ("logs",), "logs")
    assert layout.width("setup") == 320
    assert layout.width("chat") is None


def test_splitters_stand_on_the_side_that_faces_the_chat() -> None:
    assert Layout().parts == (
        ("pane", "setup"), ("splitter", "setup"), ("pane", "chat"), ("splitter", "logs"), ("pane", "logs"),
    )  # fmt: skip
    assert read_layout("chat:setup:logs:setup").parts == (
        ("pane", "chat"), ("splitter", "setup"), ("pane", "setup"), ("splitter", "logs"), ("pane", "logs"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "setup",
        "setup:chat:logs",
        "setup:setup:logs:setup",
        "setup:chat:logs:chat",
        "setup.1:chat:logs:setup",
        "setup.99999:chat:logs:setup",
        "setup.off:chat.off:logs.off:setup",
        "setup:chat:logs:logs:setup",
        "setup.\u0663\u0662\u0660:chat:logs:setup",
        '"><script>:chat:logs:setup',
    ],
)
def test_what_is_no_whole_layout_is_the_first_one(cookie: str) -> None:
    assert read_layout(cookie) == Layout()


def test_the_page_is_rendered_in_the_layout_of_the_cookie(visitor: Visitor) -> None:
    visitor.client.cookies.set("layout", "logs.400:chat:setup.off:logs")
    visitor.open()
    assert visitor.attributes("//main/*/@data-name") == ["logs", "chat", "setup"]
    assert visitor.attributes("//main/@data-off") == ["setup"]
    assert visitor.attributes("//main/@data-logs-width") == ["400"]
    assert visitor.attributes("//*[@data-splitter='logs']/@aria-valuenow") == ["400"]
    assert visitor.attributes("//*[@data-panel]/@data-panel") == ["setup", "chat", "logs"]
    assert visitor.attributes("//*[@data-panel][@checked]/@data-panel") == ["chat", "logs"]
