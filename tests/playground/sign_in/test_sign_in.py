"""The whole program where people sign in: nobody else comes in, and everybody finds only what is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.main import create_app
from app.settings import Settings
from tests.live import serve
from tests.playground.visitor import parsed

PASSWORD = "correct horse battery"
PAGE = {"accept": "text/html"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    settings = Settings(
        data_dir=tmp_path,
        BUILTIN_MODEL="off",
        OLLAMA_BASE_URL="off",
        SANDBOX="off",
        SIGN_IN="password",
        PLAYGROUND_PASSWORD=PASSWORD,
    )
    with serve(create_app(settings)) as url:
        yield url


def browser(url: str) -> httpx2.Client:
    return httpx2.Client(base_url=url, headers=PAGE, follow_redirects=True, trust_env=False, timeout=20)


def field(response: httpx2.Response, name: str) -> str:
    return str(parsed(response.text).xpath(f"string(//form//input[@name='{name}']/@value)"))


def sign_in(client: httpx2.Client, name: str, **fields: str) -> httpx2.Response:
    return client.post("/sign-in", data={"name": name, "password": PASSWORD, **fields})


def test_who_is_not_signed_in_is_asked_to_and_comes_back(url: str) -> None:
    with browser(url) as client:
        asked = client.get("/chats/chat_some")
        assert asked.url.path == "/sign-in"
        assert field(asked, "next") == "/chats/chat_some"
        assert "Playground" in sign_in(client, "Ada").text
        assert client.get("/").url.path.startswith("/chats/")


@pytest.mark.parametrize("path", ["/chats/chat_some/events", "/chats/chat_some/files/file-1"])
def test_scripts_are_told_why_they_get_nothing(url: str, path: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get(path).status_code == 401
        assert client.get(path, headers={"hx-request": "true"}).headers["hx-redirect"].startswith("/sign-in?next=")


def test_a_wrong_password_is_refused_and_soon_slowed_down(url: str) -> None:
    with browser(url) as client:
        refused = sign_in(client, "Eve", password="guess")
        assert refused.status_code == 401
        assert "This is not the password" in refused.text
        assert field(refused, "name") == "Eve"
        statuses = {sign_in(client, "Eve", password="guess").status_code for _ in range(25)}
        assert statuses == {401, 429}


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(url: str, to: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        response = sign_in(client, "Ada", next=to)
        assert response.headers["location"] == "/"
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie


def test_signing_out_forgets_the_browser(url: str) -> None:
    with browser(url) as client:
        sign_in(client, "Ada")
        kept = client.cookies["sign-in"]
        assert client.post("/sign-out").url.path == "/sign-in"
        client.cookies.set("sign-in", kept)
        assert client.get("/").url.path == "/sign-in"


def test_what_one_person_does_is_not_there_for_another(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        chat = ada.get("/").url.path
        ada.post(f"{chat}/messages", data={"content": "secret of Ada", "action": "add"})
        thread_id = str(parsed(ada.get(chat).text).xpath("string(//*[@id='thread-start'])")).split()[-1]
        sign_in(bob, "Bob")
        assert bob.get("/").url.path != chat
        for path in (chat, f"{chat}/events", f"{chat}/logs", f"{chat}/threads"):
            assert bob.get(path).status_code == 404, path
        assert bob.post(f"{chat}/messages", data={"content": "mine", "action": "add"}).status_code == 404
        own = bob.get("/").url.path
        assert thread_id not in bob.get(f"{own}/threads").text
        assert thread_id in ada.get(f"{chat}/threads").text
        assert thread_id not in bob.get(f"{own}/logs", params={"scope": "everything"}).text


def test_the_api_wants_a_key_even_from_this_machine(url: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get("/v1/assistants", headers={"authorization": "Bearer any"}).status_code == 401
        assert client.get("/health").status_code == 200
