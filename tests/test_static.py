from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| [^|]+ \| (?P<version>\d+\.\d+\.\d+) \| (?P<licence>[^|]+) \| `(?P<hash>[^`]+)` \|$",
    re.MULTILINE,
)


def sha384(path: Path) -> str:
    return base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def test_vendored_files_are_listed_with_version_licence_and_hash() -> None:
    listed = {row["file"]: row["hash"] for row in ROW.finditer((VENDOR / "README.md").read_text())}
    assert listed == {path.name: sha384(path) for path in VENDOR.glob("*.js")}


def test_each_script_is_short_and_all_together_too() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in STATIC.glob("js/*.js")}
    assert {name: length for name, length in lengths.items() if length >= 100} == {}
    assert sum(lengths.values()) <= 600


@pytest.mark.parametrize("path", sorted(STATIC.glob("js/*.js")), ids=lambda path: path.name)
def test_no_script_makes_code_or_markup_from_text(path: Path) -> None:
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|document\.write", path.read_text())
