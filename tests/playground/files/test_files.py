"""Files that assistants made: images in the page, everything else to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.engine.tools.code_interpreter.port import Figure, FileMade
from tests.doubles.models import calls, says

if TYPE_CHECKING:
    from pathlib import Path

    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def test_a_figure_is_shown_in_the_step_and_in_the_answer(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("python", '{"code": "plot()"}')), says("A plot.")]
    house.interpreter.cells = [[Figure("figure.png", PNG)]]
    visitor.start()
    visitor.run("Draw.")
    sources = visitor.attributes("//section[@id='conversation']//img/@src")
    assert len(sources) == 2
    response = visitor.client.get(sources[0])
    assert (response.content, response.headers["content-type"]) == (PNG, "image/png")
    assert response.headers["content-disposition"].startswith("inline")


def test_a_written_file_is_a_download(visitor: Visitor, house: House, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.write_text("<script>alert(1)</script>")
    house.model.turns = [calls(("python", '{"code": "write()"}')), says("[page](sandbox:/mnt/data/page.html)")]
    house.interpreter.cells = [[FileMade("page.html", made, made.stat().st_size)]]
    visitor.start()
    visitor.run("Write.")
    link = visitor.attributes("//div[@class='files']/a/@href")[0]
    assert visitor.attributes("//div[@class='prose']//a/@href") == [link]
    response = visitor.client.get(link)
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''page.html"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_an_unknown_file_is_not_found(visitor: Visitor) -> None:
    assert visitor.client.get(f"{visitor.chat}/files/assistant-unknown").status_code == 404


def test_a_written_file_that_the_answer_does_not_link_is_a_download_too(
    visitor: Visitor, house: House, tmp_path: Path
) -> None:
    made = tmp_path / "made.csv"
    made.write_text("a,b")
    house.model.turns = [calls(("python", '{"code": "write()"}')), says("The table is ready.")]
    house.interpreter.cells = [[FileMade("table.csv", made, 3)]]
    visitor.start()
    visitor.run("Write a table")
    visitor.open()
    (name,) = visitor.attributes("//div[@class='files']/a/@download")
    assert name == "table.csv"
