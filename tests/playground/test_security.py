"""Other sites are kept out: host names, origins, headers."""

from __future__ import annotations

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from app.playground.csp import CONTENT_SECURITY_POLICY
from app.playground.security import secured


async def ask(method: str, path: str = "/", **headers: str) -> httpx2.Response:
    app = secured(PlainTextResponse("inside"), host_names=["Playground.example"], api_prefixes=["/v1", "/openai"])
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost:8000") as client:
        return await client.request(method, path, headers=names)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "playground.example", "10.0.0.7"])
async def test_own_names_and_addresses_are_let_in(host: str) -> None:
    assert (await ask("GET", host=host)).text == "inside"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[::1", "127.0.0.1.evil.example"])
async def test_foreign_names_are_refused(host: str) -> None:
    response = await ask("GET", host=host)
    assert response.status_code == 403
    assert "ALLOWED_HOSTS" in response.text


async def test_a_refusal_is_json_for_the_api_and_text_for_the_page() -> None:
    api = await ask("GET", "/v1/assistants", host="evil.example")
    assert api.json()["error"]["type"] == "invalid_request_error"
    assert (await ask("GET", "/v1x", host="evil.example")).headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}, {"origin": "http://localhost:8000"}],
)
async def test_own_pages_and_programs_may_change_things(headers: dict[str, str]) -> None:
    assert (await ask("POST", **headers)).is_success


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9000"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
async def test_other_sites_may_not(method: str, headers: dict[str, str]) -> None:
    assert (await ask(method, **headers)).status_code == 403
    assert (await ask("GET", **headers)).is_success


async def test_every_response_carries_the_security_headers() -> None:
    for response in (await ask("GET"), await ask("GET", host="evil.example")):
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
