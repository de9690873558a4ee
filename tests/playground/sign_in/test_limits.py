"""Owners change limits on the page; everybody sees their own, and what they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.main import create_app
from tests.live import quiet_settings, serve
from tests.playground.sign_in.test_sharing import key_of
from tests.playground.sign_in.test_sign_in import browser, sign_in
from tests.playground.visitor import parsed

EVERYBODY = "/account/people/everybody/limits"


@pytest.fixture
def ada(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[httpx2.Client]:
    """Sign Ada in as an owner of a server whose settings allow two runs a minute."""
    settings = quiet_settings(
        tmp_path,
        SIGN_IN="link",
        PERSON_RUNS_PER_MINUTE=2,
    )
    caplog.set_level("INFO")
    with serve(create_app(settings)) as url, browser(url) as ada:
        sign_in(ada, "Ada", token=caplog.text.rpartition("token=")[2].split()[0])
        yield ada


def value_of(sheet: httpx2.Response, name: str) -> str:
    return str(parsed(sheet.text).xpath(f"string(//input[@name='{name}']/@value)"))


def text_of(sheet: httpx2.Response, part: str) -> str:
    return " ".join(" ".join(parsed(sheet.text).xpath(f"//*[@id='{part}']//text()")).split())


def statuses(person: httpx2.Client, count: int) -> list[int]:
    key = key_of(person)
    assistant = person.post("/v1/assistants", json={"model": "nobody-serves-this"}, headers=key).json()["id"]
    body = {"assistant_id": assistant}
    return [person.post("/v1/threads/runs", json=body, headers=key).status_code for _ in range(count)]


def test_an_owner_changes_the_limits_and_they_hold_at_once(ada: httpx2.Client) -> None:
    assert value_of(ada.get(EVERYBODY), "runs_per_minute") == "2"
    assert statuses(ada, 3) == [200, 200, 429]
    people = ada.post(EVERYBODY, data={"runs_per_minute": "1", "storage_mb": "5"})
    assert "Each may take: 1 run a minute, 5 MB of files" in text_of(people, "people")
    own = str(re.findall(r"person_[0-9a-f]+(?=/limits)", people.text)[0])
    people = ada.post(f"/account/people/{own}/limits", data={"runs_per_minute": ""})
    assert "Own limits" in text_of(people, "people")
    assert statuses(ada, 3) == [200, 200, 200]
    assert "5 no limit" in text_of(ada.get("/account/limits"), "own-limits")
    ada.post(f"/account/people/{own}/limits/clear")
    assert statuses(ada, 1) == [429]
    ada.post(f"{EVERYBODY}/clear")
    assert "Each may take: 2 runs a minute" in text_of(ada.get("/account/people"), "people")


def test_everybody_sees_what_they_take(ada: httpx2.Client) -> None:
    assert statuses(ada, 1) == [200]
    files = {"file": ("a.txt", b"x" * 2048)}
    ada.post("/v1/files", files=files, data={"purpose": "assistants"}, headers=key_of(ada))
    shown = text_of(ada.get("/account/limits"), "own-limits")
    assert "Runs begun in the last minute 1 of 2" in shown
    assert "Storage of your files 2.0 KB no limit" in shown
    assert "Largest upload 512 MB" in shown


@pytest.mark.parametrize("typed", ["0", "-1", "many", "1.5", "٣", "9" * 30, "10001"])
def test_what_is_no_number_is_refused_at_its_field(ada: httpx2.Client, typed: str) -> None:
    refused = ada.post(EVERYBODY, data={"runs_at_once": typed, "storage_mb": "7"})
    assert refused.status_code == 422
    reason = text_of(refused, "limit-runs_at_once-error")
    assert reason == "Write a whole number from 1 to 10,000, or nothing for no limit."
    assert (value_of(refused, "runs_at_once"), value_of(refused, "storage_mb")) == (typed, "7")
    assert value_of(ada.get(EVERYBODY), "storage_mb") == ""


def test_members_change_no_limits(ada: httpx2.Client) -> None:
    with browser(str(ada.base_url)) as bob:
        invited = ada.post("/account/people/invite").text
        sign_in(bob, "Bob", token=re.findall(r"token=([\w-]+)", invited)[0])
        assert bob.get(EVERYBODY).status_code == 403
        assert bob.post(EVERYBODY, data={"runs_at_once": "1"}).status_code == 403
        assert bob.post(f"{EVERYBODY}/clear").status_code == 403
        assert "Largest upload" in bob.get("/account/limits").text
    assert ada.post("/account/people/person_gone/limits", data={}).status_code == 404
