"""Signing in through an identity provider: a real code flow, and everything that can be wrong with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from app.main import create_app
from app.settings import Settings
from tests.doubles.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.live import serve
from tests.playground.sign_in.test_sign_in import browser
from tests.playground.visitor import parsed


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    with serve(provider.app) as issuer:
        provider.issuer = issuer
        yield provider


def settings(folder: Path, issuer: str) -> Settings:
    return Settings(
        data_dir=folder,
        builtin_model="off",
        ollama_base_url="off",
        sandbox="off",
        sign_in="oidc",
        oidc_issuer=issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_owners=("boss@example.org",),
        oidc_members=("@example.org",),
    )


@pytest.fixture
def url(provider: IdentityProvider, tmp_path: Path) -> Iterator[str]:
    with serve(create_app(settings(tmp_path, provider.issuer))) as url:
        yield url


def sign_in(client: httpx2.Client, to: str = "/") -> httpx2.Response:
    return client.get("/sign-in/provider", params={"next": to})


def reason(response: httpx2.Response) -> str:
    return " ".join(parsed(response.text).xpath("//*[@role='alert']")[0].text_content().split())


def account(client: httpx2.Client) -> str:
    return " ".join(parsed(client.get("/").text).get_element_by_id("account-menu").text_content().split())


def test_a_member_comes_in_and_is_known_again(url: str, provider: IdentityProvider) -> None:
    with browser(url) as first, browser(url) as second:
        assert sign_in(first).url.path.startswith("/chats/")
        assert account(first).startswith("Ada")
        assert "People" not in account(first)
        secret = parsed(first.post("/account/keys", data={"name": "x"}).text).xpath("//*[@data-copy]/@data-copy")[0]
        provider.claims = {"sub": "1", "name": "Ada Lovelace", "email": "ada@example.org"}
        sign_in(second)
        assert account(second).startswith("Ada Lovelace")
        assert secret[:7] in second.get("/account/keys").text


def test_an_owner_is_named_in_the_settings(url: str, provider: IdentityProvider) -> None:
    provider.claims = {"sub": "2", "preferred_username": "Boss@Example.org"}
    with browser(url) as client:
        sign_in(client)
        assert client.get("/account/people").status_code == 200


@pytest.mark.parametrize("email", ["eve@evil.example", "eve@notexample.org", "", "@example.org.evil"])
def test_who_is_no_member_stays_out(url: str, provider: IdentityProvider, email: str) -> None:
    provider.claims = {"sub": "3", "name": "Eve", "email": email}
    with browser(url) as client:
        refused = sign_in(client)
        assert refused.status_code == 401
        assert "may not use this server" in reason(refused)
        assert client.get("/").url.path == "/sign-in"


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
        {"nonce": "of somebody else"},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
    ],
    ids=["expired", "nonce", "audience", "issuer"],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    url: str, provider: IdentityProvider, wrong: dict[str, Any]
) -> None:
    provider.wrong_claims = wrong
    with browser(url) as client:
        refused = sign_in(client)
        assert refused.status_code == 401, refused.text
        assert "Try again" in reason(refused)
        assert "sign-in" not in client.cookies


def test_a_token_that_another_key_signed_is_refused(url: str, provider: IdentityProvider) -> None:
    provider.published_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    with browser(url) as client:
        assert sign_in(client).status_code == 401
        assert client.get("/").url.path == "/sign-in"


def test_a_state_that_this_browser_did_not_send_is_refused(url: str, provider: IdentityProvider) -> None:
    provider.state_suffix = "x"
    with browser(url) as client:
        assert sign_in(client).status_code == 401
    provider.state_suffix = ""
    with browser(url) as victim, httpx2.Client(trust_env=False) as attacker:
        asked = attacker.get(f"{url}/sign-in/provider")
        back = attacker.get(asked.headers["location"]).headers["location"]
        assert victim.get(back).status_code == 401
        assert "sign-in" not in victim.cookies


def test_a_provider_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with serve(create_app(settings(tmp_path, "http://127.0.0.1:1"))) as url, browser(url) as client:
        failed = sign_in(client)
        assert failed.status_code == 502
        assert "http://127.0.0.1:1 does not answer" in reason(failed)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "boss@example.org", "email_verified": False},
        {"preferred_username": "boss@example.org", "email_verified": False},
        {"email": "boss@example.org", "email_verified": "false"},
    ],
)
def test_an_address_that_nobody_verified_gives_no_rights(
    url: str, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = {"sub": "4", "name": "Mallory", **claims}
    with browser(url) as client:
        refused = sign_in(client)
        assert refused.status_code == 401
        assert "verified" in reason(refused)


def test_letters_that_only_look_like_others_are_others(tmp_path: Path, provider: IdentityProvider) -> None:
    chosen = settings(tmp_path, provider.issuer).model_copy(update={"oidc_owners": ("kim@example.org",)})
    provider.claims = {"sub": "5", "name": "Mallory", "email": "\N{KELVIN SIGN}im@example.org", "email_verified": True}
    with serve(create_app(chosen)) as url, browser(url) as client:
        sign_in(client)
        assert client.get("/account/people").status_code in {401, 403}


def test_over_tls_cookies_go_nowhere_else(provider: IdentityProvider, tmp_path: Path) -> None:
    app = create_app(settings(tmp_path, provider.issuer))

    async def over_tls(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "scheme": "https"}, receive, send)

    with serve(over_tls) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        begun = client.get("/sign-in/provider")
        way = begun.headers["set-cookie"]
        assert way.startswith("__Secure-")
        assert "secure" in way.lower()
        back = httpx2.get(begun.headers["location"], trust_env=False).headers["location"]
        path = back.partition("/sign-in/")[2]
        arrived = client.get(f"/sign-in/{path}", headers={"cookie": way.partition(";")[0]})
        known = arrived.headers.get_list("set-cookie")
        [cookie] = [each for each in known if each.startswith("__Host-sign-in=")]
        assert {"path=/", "secure", "httponly"} <= {part.strip().lower() for part in cookie.split(";")}
        secret = cookie.partition(";")[0]
        assert client.get("/account/keys", headers={"cookie": secret}).status_code == 200
        planted = secret.removeprefix("__Host-")
        assert client.get("/account/keys", headers={"cookie": planted}).status_code == 401
