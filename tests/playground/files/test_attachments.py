"""Files that come with messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.models import ScriptedProvider, says
from tests.live import serve
from tests.playground.file_visits import SALES, attach, elements, send_file, words
from tests.playground.visitor import Visitor, parsed

if TYPE_CHECKING:
    from tests.playground.conftest import House

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def test_a_file_is_sent_with_the_message_and_shown_on_it(visitor: Visitor) -> None:
    visitor.start()
    file_id, uses = attach(visitor, "sales.csv")
    assert uses == ["code_interpreter", "file_search"]
    fields = {"attachment": file_id, "attachment_use": "code_interpreter"}
    assert visitor.send("messages", content="Look", action="add", **fields).is_success
    visitor.open()
    (link,) = visitor.page.find_class("files")
    assert words(link) == "sales.csv Code interpreter"
    assert visitor.client.get(visitor.attributes("//div[@class='files']/a/@href")[0]).content == SALES
    assert visitor.attributes("//*[@id='attachment-list']/li") == []


def test_its_name_is_known_after_a_restart(visitor: Visitor, house: House) -> None:
    file_id, _ = attach(visitor, "sales.csv")
    visitor.send("messages", content="Look", action="add", attachment=file_id, attachment_use="file_search")
    with serve(house.build()) as url:
        page = visitor.client.get(f"{url}{visitor.chat}")
        assert "sales.csv" in page.text


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.pdf", "file_search"), ("a.md", "file_search"), ("a.xlsx", "code_interpreter"), ("x", "code_interpreter")],
)
def test_the_likeliest_use_comes_first(visitor: Visitor, name: str, first: str) -> None:
    assert attach(visitor, name)[1][0] == first


def test_an_image_is_shown_to_a_model_that_sees(house: House) -> None:
    house.provider = ScriptedProvider(sees_images=True)
    house.model.turns = [says("A cat.")]
    with serve(house.build()) as url, Visitor(url) as visitor:
        visitor.open("/")
        visitor.start()
        file_id, uses = attach(visitor, "cat.png", PNG)
        assert uses == ["image", "code_interpreter"]
        visitor.send("messages", content="What is it?", action="run", attachment=file_id, attachment_use="image")
        visitor.wait_until_idle()
        assert visitor.attributes("//article//img/@alt") == ["Attached image"]
        assert "data:image/png" in str(house.model.requests[0].messages)


def test_an_image_goes_to_the_code_where_the_model_is_blind(visitor: Visitor) -> None:
    visitor.start()
    visitor.open()
    page = elements(send_file(visitor, "attachments", "cat.png", PNG))
    assert [words(option) for option in page.iter("option")] == [
        "Code interpreter",
        "Shown to the model (its model sees no images)",
    ]


def test_what_is_wrong_with_a_file_is_said_beside_it(visitor: Visitor, house: House) -> None:
    refused = send_file(visitor, "attachments", "empty.txt", b"")
    assert (refused.status_code, refused.text) == (400, "The file is empty.")
    house.flaky.refusals["/files"] = 429
    refused = send_file(visitor, "attachments", "a.txt")
    assert (refused.status_code, refused.text) == (429, "Refused with 429 on demand.")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("a\u202etxt.exe", "atxt.exe"), ("x" * 300, "x" * 255), ("\n", "file")],
)
def test_hostile_names_are_made_plain(visitor: Visitor, name: str, kept: str) -> None:
    file_id, _ = attach(visitor, name)
    assert visitor.client.get(f"/v1/files/{file_id}").json()["filename"] == kept


def test_files_need_words(visitor: Visitor) -> None:
    visitor.start()
    file_id, _ = attach(visitor, "a.csv")
    fields = {"attachment": file_id, "attachment_use": "code_interpreter"}
    refused = visitor.send("messages", content="", action="run", **fields)
    assert (refused.status_code, "Write a message to go with the files." in refused.text) == (422, True)
    refused = visitor.send("messages", content="Hi", action="add", attachment=file_id, attachment_use="nonsense")
    assert refused.status_code == 400


def test_a_file_that_is_not_wanted_is_deleted(visitor: Visitor) -> None:
    file_id, _ = attach(visitor, "a.csv")
    assert visitor.client.delete(f"{visitor.chat}/attachments/{file_id}").is_success
    assert visitor.client.get(f"/v1/files/{file_id}").status_code == 404


def chips(visitor: Visitor) -> list[tuple[str, str]]:
    """Return the names of the files in the composer, and what is chosen for each."""
    visitor.open()
    found = visitor.page.find_class("attachment")
    chosen = [str(chip.xpath(".//option[@selected]/@value")[0]) for chip in found]
    return [(words(chip.find_class("file-name")[0]), use) for chip, use in zip(found, chosen, strict=True)]


def test_a_file_waits_in_the_composer_with_its_choice_until_it_is_sent(visitor: Visitor) -> None:
    visitor.start()
    first, _ = attach(visitor, "a.csv")
    second, _ = attach(visitor, "b.csv")
    fields = {"attachment": [first, second], "attachment_use": ["file_search", "code_interpreter"]}
    assert visitor.client.patch(f"{visitor.chat}/attachments", data=fields).status_code == 204
    assert chips(visitor) == [("a.csv", "file_search"), ("b.csv", "code_interpreter")]
    answer = visitor.send("messages", content="Look", action="add", attachment=first, attachment_use="file_search")
    assert ["b.csv" in answer.text, "a.csv" in answer.text] == [True, False]
    assert chips(visitor) == [("b.csv", "code_interpreter")]
    visitor.client.patch(f"{visitor.chat}/attachments", data=fields)
    visitor.client.delete(f"{visitor.chat}/attachments/{second}")
    assert chips(visitor) == []


def test_files_wait_in_their_own_chat(visitor: Visitor, house: House) -> None:
    attach(visitor, "a.csv")
    here = visitor.chat
    visitor.client.post("/chats")
    visitor.open("/")
    assert visitor.chat != here
    assert chips(visitor) == []
    with serve(house.build()) as url:
        assert "a.csv" in visitor.client.get(f"{url}{here}").text


def test_a_deleted_file_leaves_the_composer(visitor: Visitor) -> None:
    visitor.start()
    kept, _ = attach(visitor, "kept.csv")
    gone, _ = attach(visitor, "gone.csv")
    visitor.client.delete(f"/v1/files/{gone}")
    fields = {"attachment": [kept, gone], "attachment_use": ["file_search", "code_interpreter"]}
    refused = visitor.client.post(f"{visitor.chat}/messages", data={"content": "Look", "action": "add", **fields})
    assert refused.status_code == 422
    assert "no longer attached: gone.csv." in refused.text
    left = parsed(f"<div>{refused.text}</div>").find_class("attachment")
    assert [chip.get("id") for chip in left] == [f"attachment-{kept}"]
    assert chips(visitor) == [("kept.csv", "code_interpreter")]
    assert visitor.client.delete(f"{visitor.chat}/attachments/{gone}").is_success


def test_a_file_that_cannot_be_asked_about_stays(visitor: Visitor, house: House) -> None:
    file_id, _ = attach(visitor, "a.csv")
    house.flaky.refusals[f"/files/{file_id}"] = 500
    assert chips(visitor) == [("a.csv", "code_interpreter")]
