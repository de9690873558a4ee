"""The README's table of settings is the one in force."""

from __future__ import annotations

import re

from app.settings import ROOT, Settings


def test_every_setting_is_in_the_readme_with_its_default_and_description() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.*) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [
        (field.alias, _written(field.default), field.description) for field in Settings.model_fields.values()
    ]


def _written(default: object) -> str:
    if default is None or default == ():
        return ""
    return str(default).removeprefix(f"{ROOT}/")
