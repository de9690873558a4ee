"""The file of connections: the README's example is read, and each mistake is named with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.connections.connection import Connection
from app.connections.file import read_connections
from app.errors import InvalidRequest

README = Path(__file__).parents[2] / "README.md"
KEYS = {"SWEDEN_KEY": "s", "OPENAI_KEY": "o", "GATEWAY_KEY": "g"}


def read(tmp_path: Path, text: str) -> list[Connection]:
    path = tmp_path / "connections.toml"
    path.write_text(text)
    return read_connections(path, KEYS)


def test_the_example_of_the_readme_names_every_kind(tmp_path: Path) -> None:
    example = next(
        text for text in re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL) if "key_variable" in text
    )
    found = {connection.name: connection for connection in read(tmp_path, example)}
    assert [connection.kind for connection in found.values()] == ["azure", "azure", "openai", "foundry", "compatible"]
    assert found["Azure, Sweden"].api_key == "s"
    assert not found["Azure, Sweden"].uses_entra
    assert found["Azure Government"].scope == "https://cognitiveservices.azure.us/.default"
    assert found["Foundry project"].scope == "https://ai.azure.com/.default"
    assert found["OpenAI"].base_url == "https://api.openai.com/v1"
    assert "'s'" not in repr(found["Azure, Sweden"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[A", "is not TOML"),
        ("A = 1", r"\[A\]"),
        ("[A]\nkind = 'gcp'", r"\[A\], kind"),
        ("[A]\nkind = 'azure'", "endpoint is missing"),
        ("[A]\nkind = 'azure'\nbase_url = 'https://a'", "takes endpoint, not base_url"),
        ("[A]\nkind = 'azure'\nendpoint = 'a.example'", "must be a URL"),
        ("[A]\nkind = 'azure'\nendpoint = 'https://u:p@a'", "no password"),
        ("[A]\nkind = 'azure'\nendpoint = 'https://a'\nkey_variable = 'NONE'", "NONE is not set"),
        ("[A]\nkind = 'azure'\nendpoint = 'https://a'\nkey = 'x'", r"\[A\], key"),
        ("[A]\nkind = 'openai'", "needs a key"),
        ("[A]\nkind = 'foundry'\nproject_endpoint = 'https://a'", "/api/projects/PROJECT"),
        (
            "[A]\nkind = 'foundry'\nproject_endpoint = 'https://a/api/projects/p'\nkey_variable = 'OPENAI_KEY'",
            "only Entra ID",
        ),
        ("['Built-in engine']\nkind = 'compatible'\nbase_url = 'https://a'", "the engine in this server"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"nowhere\.toml can't be read"):
        read_connections(tmp_path / "nowhere.toml", {})
