"""What one person shares with the team: others use it and see by whom, and only the owner changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.playground.sign_in.test_sign_in import browser, sign_in, url
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    import httpx2

__all__ = ["url"]


def words(response: httpx2.Response) -> str:
    return " ".join(parsed(f"<div>{response.text}</div>").text_content().split())


def key_of(client: httpx2.Client) -> dict[str, str]:
    made = parsed(client.post("/account/keys", data={"name": "x"}).text)
    return {"authorization": f"Bearer {made.xpath('//*[@data-copy]/@data-copy')[0]}"}


def test_an_assistant_is_shared_used_and_duplicated(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        sign_in(bob, "Bob")
        key = key_of(ada)
        upload = {"file": ("secret.csv", b"1,2")}
        file_id = ada.post("/v1/files", files=upload, data={"purpose": "assistants"}, headers=key).json()["id"]
        tools = {
            "tools": [{"type": "code_interpreter"}],
            "tool_resources": {"code_interpreter": {"file_ids": [file_id]}},
        }
        body = {"model": "some", "name": "Ada's helper", **tools}
        assistant_id = ada.post("/v1/assistants", json=body, headers=key).json()["id"]
        own, other = ada.get("/").url.path, bob.get("/").url.path
        assert bob.post(f"{other}/assistant", data={"assistant_id": assistant_id}).is_success
        assert "Ada's helper" not in words(bob.get(other))
        assert "Share with the team" in words(ada.post(f"{own}/assistant", data={"assistant_id": assistant_id}))
        assert "Stop sharing" in words(ada.post(f"{own}/assistant/share", data={"is_shared": "true"}))
        assert "Ada's helper" in words(bob.get(f"{other}/assistants"))
        seen = bob.get(other)
        assert "Shared by Ada." in words(seen)
        assert not parsed(seen.text).xpath("//*[@id='save-assistant']")
        assert "private" in words(seen)
        refused = bob.post(f"{other}/assistant/save", data={"assistant_id": assistant_id, "name": "Bob's"})
        assert refused.status_code == 422
        assert bob.post(f"{other}/assistant/share", data={"is_shared": "false"}).status_code == 403
        copied = bob.post(f"{other}/assistant/duplicate")
        assert "Private files of Ada are left out" in words(copied)
        assert file_id not in copied.text


def test_a_shared_mock_names_who_shares_it(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada <b>")
        sign_in(bob, "Bob")
        own, other = ada.get("/").url.path, bob.get("/").url.path
        made = parsed(ada.post(f"{own}/mocks/save", data={"function": "f", "output": "1"}).text)
        mock_id = str(made.xpath("//li[@class='mock']/@id")[0])
        shared = ada.post(f"{own}/mocks/share", data={"function": "f", "mock_id": mock_id, "is_shared": "true"})
        assert "Shared with the team" in words(shared)
        seen = bob.get(f"{other}/mocks", params={"function": "f"})
        assert "Shared by Ada <b>" in words(seen)
        assert "Edit mock" not in seen.text


def test_a_store_is_shared_and_only_its_owner_changes_it(url: str) -> None:
    with browser(url) as ada, browser(url) as bob:
        sign_in(ada, "Ada")
        sign_in(bob, "Bob")
        own, other = ada.get("/").url.path, bob.get("/").url.path
        made = parsed(ada.post(f"{own}/stores", data={"name": "Handbook"}).text)
        store_id = made.xpath("//input[@name='vector_store_id']/@value")[0]
        assert bob.get(f"{other}/stores/{store_id}").status_code == 404
        assert "checked" in ada.post(f"{own}/stores/{store_id}/share", data={"is_shared": "true"}).text
        assert "Shared by Ada" in words(bob.get(f"{other}/stores/{store_id}"))
        assert bob.post(f"{other}/stores/{store_id}", data={"name": "Mine"}).status_code == 403
        assert bob.post(f"{other}/stores/{store_id}/delete").status_code == 403
        ada.post(f"{own}/stores/{store_id}/share")
        assert bob.get(f"{other}/stores/{store_id}").status_code == 404
