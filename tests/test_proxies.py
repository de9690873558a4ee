"""Headers of a proxy count only from an address that the settings name; from anybody else they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.processes import server_process

PASSWORD = "correct horse battery"
FORWARDED = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7", "forwarded": "proto=https;for=203.0.113.7"}


@contextmanager
def server(folder: Path, proxies: str) -> Iterator[str]:
    settings = {"SIGN_IN": "password", "PLAYGROUND_PASSWORD": PASSWORD, "TRUSTED_PROXIES": proxies}
    with server_process(folder, **settings) as server:
        yield server.url


def cookie(url: str) -> str:
    fields = {"name": "Ada", "password": PASSWORD}
    answer = httpx2.post(f"{url}/sign-in", data=fields, headers=FORWARDED, trust_env=False, timeout=20)
    return answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(("proxies", "is_believed"), [("", False), ("10.9.9.9", False), ("127.0.0.0/8", True)])
def test_forwarded_headers_count_from_named_proxies_only(tmp_path: Path, proxies: str, *, is_believed: bool) -> None:
    with server(tmp_path, proxies) as url:
        assert ("secure" in cookie(url)) is is_believed
        statuses = set()
        for number in range(22):
            address = {"x-forwarded-for": f"203.0.113.{number}"}
            fields = {"name": "Eve", "password": "guess"}
            answer = httpx2.post(f"{url}/sign-in", data=fields, headers=address, trust_env=False, timeout=20)
            statuses.add(answer.status_code)
        assert statuses == ({401} if is_believed else {401, 429})
