"""What a person is told of what nobody foresaw, and of a database that is lost: never a traceback."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING

import httpx2
import pytest

from app.main import create_app
from app.request_log import RequestLog
from tests.live import quiet_settings, serve
from tests.playground.visitor import Visitor, parsed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.playground.conftest import House


def test_an_unexpected_error_is_a_page_with_a_next_step_and_the_requests_id(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(RequestLog(house.build())) as url, Visitor(url) as visitor:
        visitor.open("/")
        del house.facts
        response = visitor.open()
    assert response.status_code == 500
    assert visitor.page.xpath("string(//h1)") == "That did not work"
    text = visitor.page.xpath("string(//main)")
    assert "Try again." in text
    found = re.search(r"req_[0-9a-f]{32}", text)
    assert found
    assert "Traceback" not in response.text
    assert visitor.attributes("//main//a/@href") == ["/"]
    (record,) = [each for each in caplog.records if each.name == "app.playground.failures"]
    assert record.exc_info


def test_an_unexpected_error_of_a_part_is_a_toast(visitor: Visitor, house: House) -> None:
    del house.facts
    response = visitor.send("starters/math")
    assert response.status_code == 500
    assert response.headers["HX-Retarget"] == "#toasts"
    assert "Try again." in parsed(response.text).text_content()


def test_the_event_stream_that_asks_again_brings_no_toast(visitor: Visitor) -> None:
    headers = {"HX-Request": "true", "HX-Source": "div#bus"}
    response = visitor.client.get("/chats/chat_none/events", headers=headers)
    assert response.status_code == 404
    assert response.text == ""


def test_an_upload_that_breaks_something_says_so_beside_the_file(visitor: Visitor, house: House) -> None:
    with sqlite3.connect(house.blobs.parent / "playground.db") as database:
        database.execute("DROP TABLE chats")
    response = visitor.client.post(f"{visitor.chat}/attachments?name=a.txt", content=b"text")
    assert response.status_code == 503
    assert response.text == "The server's database does not answer. Nothing was changed. Try again in a moment."


@pytest.mark.parametrize("headers", [{"accept": "text/html"}, {"hx-request": "true"}])
def test_a_database_that_is_lost_is_said_where_sign_ins_are_looked_up(tmp_path: Path, headers: dict[str, str]) -> None:
    settings = quiet_settings(
        tmp_path,
        SIGN_IN="password",
        PLAYGROUND_PASSWORD="correct horse battery",
    )
    with serve(create_app(settings)) as url:
        with sqlite3.connect(tmp_path / "playground.db") as database:
            database.execute("DROP TABLE sign_ins")
        response = httpx2.get(url, headers={"cookie": "sign-in=some", **headers}, trust_env=False, timeout=20)
    assert response.status_code == 503
    assert "The server's database does not answer." in parsed(response.text).text_content()
    assert "Try again in a moment." in parsed(response.text).text_content()
