"""What the page loads as one file each: its style sheets, its scripts, and those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FIRST: Final = "base"
"""The style sheet that names the layers."""


def bundles(static_dir: Path) -> Mapping[str, str]:
    """Return the bundles' texts by name; each script of ours gets a scope of its own and imports nothing."""
    sheets = sorted(static_dir.glob("css/*.css"), key=lambda sheet: (sheet.stem != _FIRST, sheet.stem))
    return {
        "app.css": "\n".join(sheet.read_text() for sheet in sheets),
        "app.js": "\n".join(f"{{\n{script.read_text()}}}" for script in sorted(static_dir.glob("js/*.js"))),
        # One file, as htmx starts as soon as it is idle, and must find its extension then.
        "vendor.js": "\n;\n".join(script.read_text() for script in sorted(static_dir.glob("vendor/*.js"))),
    }
