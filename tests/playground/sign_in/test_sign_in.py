"""The whole program where people sign in: nobody else comes in, and everybody finds only what is theirs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.main import create_app
from tests.live import quiet_settings, serve
from tests.playground.visitor import parsed

PASSWORD = "correct horse battery"
PAGE = {"accept": "text/html"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    settings = quiet_settings(
        tmp_path,
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


def test_a_person_makes_a_key_for_programs_and_revokes_it(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        made = parsed(ada.post("/account/keys", data={"name": "<b>notebook"}).text)
        [secret] = made.xpath("//*[contains(@class, 'callout')]//@data-copy")
        [revoke] = made.xpath("//button[contains(., 'Revoke')]/@hx-post")
        headers = {"authorization": f"Bearer {secret}"}
        thread_id = ada.post("/v1/threads", headers=headers).json()["id"]
        assert secret not in ada.get("/account/keys").text
        sign_in(bob, "Bob")
        other = parsed(bob.post("/account/keys", data={"name": "x"}).text).xpath("//*[@data-copy]/@data-copy")[0]
        assert bob.get(f"/v1/threads/{thread_id}", headers={"api-key": other}).status_code == 404
        assert bob.post(revoke).status_code == 404
        assert ada.post(revoke).status_code == 200
        assert ada.get(f"/v1/threads/{thread_id}", headers=headers).status_code == 401


def test_a_person_signs_out_everywhere_else_and_keys_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = quiet_settings(tmp_path, SIGN_IN="link")
    with caplog.at_level("INFO", "app.main"), serve(create_app(settings)) as url, browser(url) as ada:
        [token] = [re.findall(r"token=(\S+)", line)[0] for line in caplog.messages if "token=" in line]
        ada.post("/sign-in", data={"name": "Ada", "token": token})
        [link] = parsed(ada.post("/account/people/invite").text).xpath("//*[contains(@class, 'callout')]//@data-copy")
        with browser(url) as bob:
            bob.post("/sign-in", data={"name": "Bob", "token": link.partition("token=")[2]})
            key = parsed(bob.post("/account/keys", data={"name": "x"}).text).xpath("//*[@data-copy]/@data-copy")[0]
            assert "You are signed in here only" in bob.get("/account/sign-ins").text
            assert "You were signed in nowhere else" in bob.post("/account/sign-ins/end").text
            ways = parsed(ada.get("/account/people").text).xpath("//button[contains(., 'Sign out everywhere')]")
            assert bob.post(ways[0].get("hx-post")).status_code == 403
            assert "Bob is signed out of 1 browser." in ada.post(ways[1].get("hx-post")).text
            assert bob.get("/").url.path == "/sign-in"
            assert bob.get("/v1/assistants", headers={"authorization": f"Bearer {key}"}).is_success
        assert "Ada is signed out of no browsers." in ada.post(ways[0].get("hx-post")).text
        assert ada.get("/").url.path.startswith("/chats/")


def test_only_owners_see_and_invite_people(url: str) -> None:
    with browser(url) as ada:
        sign_in(ada, "Ada")
        assert ada.get("/account/people").status_code == 403
        assert ada.post("/account/people/invite").status_code == 403


def test_a_link_makes_an_owner_who_invites_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = quiet_settings(tmp_path, SIGN_IN="link")
    with caplog.at_level("INFO", "app.main"), serve(create_app(settings)) as url, browser(url) as ada:
        [token] = [re.findall(r"token=(\S+)", line)[0] for line in caplog.messages if "token=" in line]
        assert field(ada.get("/sign-in", params={"token": token}), "token") == token
        assert ada.post("/sign-in", data={"name": "Ada", "token": token}).url.path.startswith("/chats/")
        assert "Everybody who signs in works with this access" in ada.get(f"{ada.get('/').url.path}/connections").text
        invited = parsed(ada.post("/account/people/invite").text)
        [link] = invited.xpath("//*[contains(@class, 'callout')]//@data-copy")
        with browser(url) as bob:
            bob.post("/sign-in", data={"name": "Bob", "token": link.partition("token=")[2]})
            assert bob.get("/account/people").status_code == 403
            [remove] = parsed(ada.get("/account/people").text).xpath(
                "//button[contains(., 'end their sign-ins')]/@hx-post"
            )
            ada.post(remove)
            assert bob.get("/").url.path == "/sign-in"
        assert "was used" in ada.get("/sign-in", params={"token": token}).text


def test_an_open_page_shows_nothing_more_after_a_sign_out(url: str) -> None:
    with browser(url) as ada, browser(url) as elsewhere:
        sign_in(ada, "Ada")
        chat = ada.get("/").url.path
        with ada.stream("GET", f"{chat}/events") as events:
            lines = events.iter_lines()
            assert next(lines)
            elsewhere.cookies = ada.cookies
            assert elsewhere.post("/sign-out").url.path == "/sign-in"
            began = time.monotonic()
            assert any(True for _ in lines)
            assert time.monotonic() - began < 10


def test_strangers_learn_nothing_of_other_services(url: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get("/health").json().keys() == {"status", "sandbox", "builtin_model"}
