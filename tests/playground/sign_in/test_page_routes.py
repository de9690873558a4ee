"""Every route of the pages, walked by a stranger who is signed in: it shows nothing of others and changes nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.main import create_app
from app.playground.router import build_playground
from app.playground.services import PlaygroundServices
from app.settings import Settings
from tests.live import serve
from tests.playground.sign_in.test_sharing import key_of
from tests.playground.sign_in.test_sign_in import PASSWORD, browser, sign_in
from tests.playground.visitor import parsed

SECRET = "secret-of-ada"
PURE = {
    "summarize_settings", "new_metadata", "new_function", "edit_function", "keep_function", "duplicate_function",
    "remove_function", "check_json", "format_json", "open_import", "show_import", "new_logs", "clear_logs",
}  # fmt: skip
"""Routes that only turn what is sent into markup, or say that there is nothing."""
ENDLESS = {"follow_events", "sign_out", "static_file"}
OF_ADA = {
    "assistants": "owner_id", "threads": "owner_id", "files": "owner_id", "vector_stores": "owner_id",
    "chats": "owner_id", "mock_outputs": "owner_id", "thread_links": "owner_id", "api_keys": "person_id",
    "people": "id", "sign_ins": "person_id",
    "person_limits": "person_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Team:
    """A server on which Ada has one of everything, and Bob is signed in."""

    url: str
    ada_id: str
    bob: httpx2.Client
    ids: dict[str, str] = field(default_factory=dict)
    database: Path = Path()

    def rows(self) -> list[object]:
        """Return all that is Ada's."""
        with closing(sqlite3.connect(self.database)) as connection:
            found: list[object] = [
                connection.execute(f"SELECT * FROM {table} WHERE {column} = ?", (self.ada_id,)).fetchall()  # noqa: S608
                for table, column in OF_ADA.items()
            ]
            messages = "SELECT * FROM messages WHERE thread_id = ?"
            return [*found, connection.execute(messages, (self.ids["thread_id"],)).fetchall()]


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    quiet: dict[str, Any] = {"builtin_model": "off", "ollama_base_url": "off", "sandbox": "off"}
    settings = Settings(data_dir=tmp_path, sign_in="password", PLAYGROUND_PASSWORD=PASSWORD, **quiet)
    with serve(create_app(settings)) as url, browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        sign_in(bob, "Bob")
        database = tmp_path / "playground.db"
        with closing(sqlite3.connect(database)) as connection:
            [(ada_id,)] = connection.execute("SELECT id FROM people WHERE name = 'Ada'").fetchall()
        yield Team(url, ada_id, bob, everything(ada), database)


def everything(ada: httpx2.Client) -> dict[str, str]:
    """Make one of everything, and return the ids by the names that routes give them."""
    key, chat = key_of(ada), ada.get("/").url.path
    thread_id = str(parsed(ada.get(chat).text).xpath("string(//*[@id='thread-start'])")).split()[-1]

    def make(path: str, body: dict[str, Any]) -> str:
        return str(ada.post(f"/v1{path}", json=body, headers=key).json()["id"])

    upload: dict[str, Any] = {"files": {"file": (f"{SECRET}.txt", SECRET.encode())}, "data": {"purpose": "assistants"}}
    file_id = ada.post("/v1/files", headers=key, **upload).json()["id"]
    assistant_id = make("/assistants", {"model": "some", "name": SECRET, "instructions": SECRET})
    message_id = make(f"/threads/{thread_id}/messages", {"role": "user", "content": SECRET})
    store_id = make("/vector_stores", {"name": SECRET, "file_ids": [file_id]})
    run_id = make(f"/threads/{thread_id}/runs", {"assistant_id": assistant_id})
    ada.post(f"{chat}/assistant", data={"assistant_id": assistant_id})
    mocks = parsed(ada.post(f"{chat}/mocks/save", data={"function": "f", "output": SECRET}).text)
    links = parsed(ada.post(f"{chat}/links", data={"days": "7"}).text)
    keys = parsed(ada.get("/account/keys").text)
    wait_until_read(ada, f"/v1/vector_stores/{store_id}", key)
    return {
        "chat_id": chat.rpartition("/")[2],
        "thread_id": thread_id,
        "file_id": str(file_id),
        "assistant_id": assistant_id,
        "message_id": message_id,
        "store_id": store_id,
        "run_id": run_id,
        "mock_id": str(mocks.xpath("//li[@class='mock']/@id")[0]),
        "link_id": str(links.xpath("//button[contains(., 'Revoke')]/@hx-post")[0]).split("/")[-2],
        "key_id": str(keys.xpath("//button[contains(., 'Revoke')]/@hx-post")[0]).split("/")[-2],
    }


def wait_until_read(ada: httpx2.Client, path: str, key: dict[str, str]) -> None:
    """Wait for the server's own changes of the store."""
    end = time.monotonic() + 30
    while ada.get(path, headers=key).json()["file_counts"]["in_progress"]:
        assert time.monotonic() < end, "the file is not read"
        time.sleep(0.05)


def routes() -> Iterator[tuple[str, str, str]]:
    """Yield name, method and path of every route of the pages."""
    found: list[tuple[str, str, str]] = []

    def walk(router: APIRouter, prefix: str) -> None:
        for route in router.routes:
            if isinstance(route, APIRoute):
                found.extend((route.name, method, prefix + route.path) for method in sorted(route.methods or ()))
            else:
                walk(vars(route)["original_router"], prefix + getattr(route, "prefix", ""))

    nothing: Any = None
    walk(build_playground(PlaygroundServices(*[nothing] * 9)), "")
    assert len(found) > 100
    yield from (each for each in found if each[0] not in ENDLESS)


def ask(team: Team, method: str, path: str, chat_id: str) -> httpx2.Response:
    ids = {**team.ids, "chat_id": chat_id, "person_id": team.ada_id}
    rest = {"key": "math", "index": "0", "field": "parameters", "number": "1", "language": "curl", "form": "har",
            "call_id": "call_1", "secret": "guess", "mark": "guess"}  # fmt: skip
    for name, value in {**ids, **rest}.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    fields = {**{name: value for name, value in ids.items() if name != "chat_id"}, "content": "mine", "title": "mine",
              "name": "mine", "function": "f", "call_id": "call_1", "output": "mine", "direction": "up", "query": "q",
              "step_id": "step_1", "place": "0", "mark": "1", "is_shared": "true"}  # fmt: skip
    if method == "GET":
        return team.bob.get(path, params=fields)
    return team.bob.request(method, path, data=fields if method == "POST" else None)


def test_another_persons_chat_is_not_there_for_any_route(team: Team) -> None:
    before, shown = team.rows(), []
    assert SECRET in str(before)
    for name, method, path in routes():
        if not path.startswith("/chats/{chat_id}"):
            continue
        answer = ask(team, method, path, team.ids["chat_id"])
        is_refused = answer.status_code in {403, 404, 422} or name in PURE
        if not is_refused or SECRET in answer.text:
            shown.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")
    assert shown == []
    assert team.rows() == before


def test_another_persons_things_are_not_shown_in_ones_own_chat(team: Team) -> None:
    before, shown = team.rows(), []
    chat_id = team.bob.get("/").url.path.rpartition("/")[2]
    for _name, method, path in routes():
        answer = ask(team, method, path, chat_id)
        if answer.status_code >= 500 or SECRET in answer.text:
            shown.append(f"{method} {path}: {answer.status_code} {answer.text[:120]}")
    assert shown == []
    assert team.rows() == before
