"""A thread that is shared by a link: read by anybody until the link ends, with its files and nothing else."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.playground.sign_in.test_sharing import key_of, words
from tests.playground.sign_in.test_sign_in import browser, sign_in, url
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2

__all__ = ["url"]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def upload(client: httpx2.Client, key: dict[str, str], name: str) -> str:
    form = {"file": (name, PIXEL)}
    return str(client.post("/v1/files", files=form, data={"purpose": "vision"}, headers=key).json()["id"])


def make_link(client: httpx2.Client, chat: str, days: str = "7") -> str:
    sheet = parsed(client.post(f"{chat}/links", data={"days": days}).text)
    return str(sheet.xpath("//*[contains(@class, 'callout')]//@data-copy")[0])


def test_a_link_shows_the_conversation_to_who_is_not_signed_in(url: str) -> None:
    with browser(url) as ada, browser(url) as anybody:
        sign_in(ada, "Ada")
        key, chat = key_of(ada), ada.get("/").url.path
        image_id, other_id = upload(ada, key, "seen.png"), upload(ada, key, "unseen.png")
        thread_id = str(parsed(ada.get(chat).text).xpath("string(//*[@id='thread-start'])")).split()[-1]
        content = [
            {"type": "text", "text": "Look <b>here</b>"},
            {"type": "image_file", "image_file": {"file_id": image_id}},
        ]
        ada.post(f"/v1/threads/{thread_id}/messages", json={"role": "user", "content": content}, headers=key)
        link = make_link(ada, chat)
        assert link not in ada.get(f"{chat}/links").text

        page = anybody.get(link)
        assert page.status_code == 200
        assert "Conversation shared by Ada" in words(page)
        assert "Look" in words(page)
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert not parsed(page.text).xpath("//form|//script|//*[@hx-post]|//*[@hx-get]")
        assert thread_id not in page.text
        [source] = parsed(page.text).xpath("//article//img/@src")
        image = anybody.get(source)
        assert image.content == PIXEL
        assert image.headers["cache-control"] == "no-store"
        assert anybody.get(source.replace(image_id, other_id)).status_code == 404
        assert anybody.get(chat).url.path == "/sign-in"


def test_a_link_ends_when_it_is_revoked_or_its_thread_is_deleted(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        sign_in(bob, "Bob")
        chat, other = ada.get("/").url.path, bob.get("/").url.path
        first, second = make_link(ada, chat, "1"), make_link(ada, chat, "30")
        revoke = parsed(ada.get(f"{chat}/links").text).xpath("//button[contains(., 'Revoke')]/@hx-post")
        assert bob.get(f"{chat}/links").status_code == 404
        assert bob.post(revoke[0].replace(chat, other)).status_code == 404
        assert bob.get(first).status_code == 200
        assert ada.post(revoke[0]).status_code == 200
        assert bob.get(first).status_code == 404
        assert bob.get(second).status_code == 200
        ada.post(f"{chat}/clear")
        assert bob.get(second).status_code == 404
        assert bob.get(first.rpartition("/")[0] + "/guess").status_code == 404
        assert ada.post(f"{chat}/links", data={"days": "4000"}).status_code == 400
