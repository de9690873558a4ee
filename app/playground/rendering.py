"""Renders the page's templates; knows the addresses of routes and of static files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.playground.bundles import bundles
from app.playground.text.marks import stream_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_HASH_LENGTH: Final = 12
STATIC_PATH: Final = "/static"

Partial = tuple[str, str, str]
"""What goes where: CSS selector, swap style, template."""


class Renderer:
    """The templates; `path` gives a route's address, `static` that of a file, which changes with its content."""

    def __init__(self, templates_dir: Path, static_dir: Path, path: Callable[..., str]) -> None:
        self.path = path
        self._hashes = static_hashes(static_dir)
        self._environment = Environment(
            loader=FileSystemLoader(templates_dir),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(path=path, static=self.static)

    def static(self, name: str) -> str:
        """Return the address of a static file."""
        return f"{STATIC_PATH}/{name}?h={self._hashes.get(name, '')}"

    def render(self, template: str, **context: object) -> str:
        """Render one template."""
        return stream_safe(self._environment.get_template(template).render(context))

    def partials(self, partials: Iterable[Partial], **context: object) -> str:
        """Render several parts, each with the place on the page where it goes."""
        return "".join(self._partial(*partial, context) for partial in partials)

    def _partial(self, target: str, swap: str, part: str, context: Mapping[str, object]) -> str:
        return self.render("parts/partial.html", target=target, swap=swap, part=part, **context)


def static_hashes(static_dir: Path) -> dict[str, str]:
    """Return the hash of each static file by its path below the folder, and those of the bundles by name."""
    files = (path for path in sorted(static_dir.rglob("*")) if path.is_file())
    contents = {path.relative_to(static_dir).as_posix(): path.read_bytes() for path in files}
    contents |= {name: text.encode() for name, text in bundles(static_dir).items()}
    return {name: hashlib.sha256(content).hexdigest()[:_HASH_LENGTH] for name, content in contents.items()}
