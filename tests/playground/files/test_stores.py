"""Vector stores in the sheet, and in the setup form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.connections.types import VectorStore
from app.playground.views.stores import store_view
from tests.playground import setup_form
from tests.playground.file_visits import elements, make_store, send_file, wait_until_read, words

if TYPE_CHECKING:
    from lxml import html

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def sheet(visitor: Visitor, path: str) -> html.HtmlElement:
    """Open a part of the sheet."""
    return elements(visitor.client.get(f"{visitor.chat}/{path}"))


def listed(visitor: Visitor, store_id: str, query: str = "") -> list[str]:
    """Return the rows of the store's files."""
    return [words(row) for row in sheet(visitor, f"stores/{store_id}/files{query}").find_class("file-row")]


def test_a_store_is_made_chosen_and_saved_with_the_assistant(visitor: Visitor) -> None:
    made = elements(visitor.send("stores", name="Handbook"))
    store_id = made.xpath("//input[@name='vector_store_id']/@value")[0]
    assert made.xpath("//input[@name='file_search']/@checked")
    assert setup_form.save(visitor, file_search="on", vector_store_id=store_id).is_success
    visitor.open()
    assert words(visitor.one("vector-store")).startswith("Handbook 0 files, empty")
    stored = visitor.client.get("/v1/assistants").json()["data"][0]
    assert stored["tool_resources"]["file_search"] == {"vector_store_ids": [store_id]}


def test_a_file_is_read_in_the_store_and_found(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    added = elements(send_file(visitor, f"stores/{store_id}/uploads", "sales.md"))
    assert "Reading" in words(added.get_element_by_id("store-files"))
    wait_until_read(visitor, store_id)
    assert listed(visitor, store_id)[0].startswith("sales.md 41 B Ready")
    found = elements(visitor.send(f"stores/{store_id}/search", query="units in February"))
    assert "sold 22 units" in words(found)
    assert found.find_class("score")[0].text.startswith(("0.", "1."))
    assert visitor.send(f"stores/{store_id}/search", query=" ").status_code == 400


def test_one_bad_file_fails_alone_with_its_reason(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    send_file(visitor, f"stores/{store_id}/uploads", "broken.pdf", b"%PDF-1.4 nonsense")
    send_file(visitor, f"stores/{store_id}/uploads", "sales.md")
    refused = send_file(visitor, f"stores/{store_id}/uploads", "table.csv", b"a,b")
    assert (refused.status_code, "cannot be searched" in refused.text) == (400, True)
    assert [file["filename"] for file in visitor.client.get("/v1/files").json()["data"]] == ["sales.md", "broken.pdf"]
    counts = wait_until_read(visitor, store_id)
    assert (counts["completed"], counts["failed"]) == (1, 1)
    (row,) = listed(visitor, store_id, "?status=failed")
    assert row.startswith("broken.pdf")
    assert "The PDF is broken" in row


def test_the_list_moves_by_itself_while_files_are_read(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    first = elements(send_file(visitor, f"stores/{store_id}/uploads", "sales.md"))
    (address,) = first.xpath("//*[starts-with(@id, 'store-look-')]/@hx-get")
    assert "look=1" in address
    wait_until_read(visitor, store_id)
    last = elements(visitor.client.get(address))
    assert last.xpath("//*[starts-with(@id, 'store-look-')]") == []
    assert "1 file, ready" in words(last)


def test_a_file_is_removed_read_again_and_deleted(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    send_file(visitor, f"stores/{store_id}/uploads", "a.md")
    (file_id,) = [file["id"] for file in visitor.client.get("/v1/files").json()["data"]]
    wait_until_read(visitor, store_id)
    assert visitor.send(f"stores/{store_id}/files/{file_id}/read").is_success
    wait_until_read(visitor, store_id)
    assert visitor.send(f"stores/{store_id}/files/{file_id}/remove").is_success
    assert listed(visitor, store_id) == []
    assert visitor.client.get(f"/v1/files/{file_id}").is_success
    visitor.send(f"stores/{store_id}/files/{file_id}/read")
    assert visitor.send(f"stores/{store_id}/files/{file_id}/delete").is_success
    assert visitor.client.get(f"/v1/files/{file_id}").status_code == 404
    assert listed(visitor, store_id) == []


def test_a_store_is_renamed_given_a_lifetime_and_deleted(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    visitor.send(f"stores/{store_id}", name="Hand\u202ebook", lifetime_days="7")
    shown = sheet(visitor, f"stores/{store_id}")
    assert words(shown.get_element_by_id("sheet-title")) == "Handbook"
    assert "later when it is used" in words(shown.get_element_by_id("store-facts"))
    visitor.send(f"stores/{store_id}", name="Handbook", lifetime_days="0")
    assert "Never" in words(sheet(visitor, f"stores/{store_id}").get_element_by_id("store-facts"))
    assert visitor.send(f"stores/{store_id}", name=" ").status_code == 400
    gone = elements(visitor.send(f"stores/{store_id}/delete", vector_store_id=store_id))
    assert "There is no vector store yet" in words(gone)
    assert gone.xpath("//input[@name='vector_store_id']") == []


def test_stores_are_found_by_words_and_chosen(visitor: Visitor) -> None:
    first, _second = make_store(visitor, "Travel rules 2026"), make_store(visitor, "Recipes")
    rows = sheet(visitor, "stores?words=rules+trav").find_class("file-row")
    assert [words(row)[:17] for row in rows] == ["Travel rules 2026"]
    assert "No store has these words" in words(sheet(visitor, "stores?words=nothing"))
    chosen = elements(visitor.send(f"stores/{first}/choose"))
    assert chosen.xpath("//input[@name='vector_store_id']/@value") == [first]


def test_a_store_that_was_deleted_elsewhere_is_named_with_its_reason(visitor: Visitor) -> None:
    store_id = make_store(visitor)
    setup_form.save(visitor, file_search="on", vector_store_id=store_id)
    visitor.client.delete(f"/v1/vector_stores/{store_id}")
    visitor.open()
    assert "This store was deleted." in words(visitor.one("vector-store"))


def test_files_for_code_are_kept_with_the_assistant(visitor: Visitor, house: House) -> None:
    row = elements(send_file(visitor, "code-files", "table.csv", b"a,b"))
    (file_id,) = row.xpath("//input[@name='code_file_ids']/@value")
    assert setup_form.save(visitor, code_file_ids=[file_id]).is_success
    visitor.open()
    assert words(visitor.one("code-file-list")) == "table.csv 3 B"
    visitor.client.delete(f"/v1/files/{file_id}")
    visitor.client.post("/v1/assistants", json={"model": "scripted", "name": house.model.info.id})
    assert setup_form.save(visitor).is_success
    visitor.open()
    assert words(visitor.one("code-file-list")) == ""


def test_what_the_service_refuses_is_said(visitor: Visitor, house: House) -> None:
    store_id = make_store(visitor)
    setup_form.save(visitor, file_search="on", vector_store_id=store_id)
    house.flaky.refusals[f"{store_id}/files"] = 429
    refused = send_file(visitor, f"stores/{store_id}/uploads", "a.md")
    assert (refused.status_code, refused.text) == (429, "Refused with 429 on demand.")
    house.flaky.refusals[f"/vector_stores/{store_id}"] = 429
    visitor.open()
    assert "Refused with 429 on demand." in words(visitor.one("vector-store"))


def test_an_expired_store_says_so() -> None:
    counts = {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1}
    facts = {"object": "vector_store", "created_at": 1, "last_active_at": 1, "usage_bytes": 1, "metadata": {}}
    store = VectorStore.model_validate({"id": "vs_1", "name": "", "status": "expired", "file_counts": counts, **facts})
    assert (store_view(store).state, store_view(store).name) == ("Expired", "Unnamed store")
