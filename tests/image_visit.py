"""Runs inside a container: starts the image's command, signs in by the link of its log, runs code; prints JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx2

_SECONDS = 60.0


def main() -> None:
    """Visit the server as its owner, then stop it as `docker stop` does."""
    url = f"http://127.0.0.1:{os.environ['PORT']}"
    process = subprocess.Popen([sys.executable, "-m", "app"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said: list[str] = []
    while "token=" not in (said or [""])[-1]:
        said.append(process.stderr.readline())
    token = re.findall(r"token=(\S+)", said[-1])[0]
    with httpx2.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=30) as client:
        _until(lambda: client.get("/health").json()["sandbox"] != "unavailable")
        page = client.post("/sign-in", data={"name": "Owner", "token": token})
        found: dict[str, Any] = {
            "ready": client.get("/health/ready").status_code,
            "page": page.url.path.startswith("/chats/"),
            "stranger": httpx2.get(f"{url}/", headers={"accept": "text/html"}, trust_env=False).status_code,
            "sandbox": client.get("/health").json()["sandbox"],
            "user": os.getuid(),
        }
    began = time.monotonic()
    process.terminate()
    process.wait(timeout=_SECONDS)
    found["stopped_seconds"] = time.monotonic() - began
    sys.stdout.write(json.dumps(found))


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


if __name__ == "__main__":
    main()
