"""The bundles hold every style sheet and script, and the page's address for each changes with its content."""

from pathlib import Path

from app.playground.bundles import bundles
from app.playground.rendering import static_hashes


def folder(path: Path) -> Path:
    for name, text in {"css/chat.css": "b", "css/base.css": "a", "js/one.js": "const x = 1;\n"}.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(text)
    return path


def test_the_layers_are_named_before_they_are_filled(tmp_path: Path) -> None:
    assert bundles(folder(tmp_path))["app.css"] == "a\nb"


def test_scripts_do_not_share_names(tmp_path: Path) -> None:
    assert bundles(folder(tmp_path))["app.js"] == "{\nconst x = 1;\n}"


def test_the_hash_of_a_bundle_follows_its_parts(tmp_path: Path) -> None:
    before = static_hashes(folder(tmp_path))["app.css"]
    (tmp_path / "css/chat.css").write_text("c")
    assert static_hashes(tmp_path)["app.css"] != before
