"""What a file that comes with a message can be used for, and what it most likely is meant for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.connections.types import Assistant, Model

Use = Literal["code_interpreter", "file_search", "image"]

USE_NAMES: Final[dict[Use, str]] = {
    "code_interpreter": "Code interpreter",
    "file_search": "File search",
    "image": "Shown to the model",
}
_IMAGES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_DOCUMENTS: Final = frozenset({".pdf", ".doc", ".docx", ".pptx", ".md", ".txt", ".html", ".tex"})


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an assistant can do with files."""

    tools: frozenset[str] = frozenset()
    sees_images: bool = False

    def has(self, use: Use) -> bool:
        """Tell whether a file given for that use would be used."""
        return self.sees_images if use == "image" else use in self.tools


def abilities_of(assistants: Iterable[Assistant], models: Iterable[Model]) -> dict[str, Abilities]:
    """Return what each assistant can do; whether a model sees images is an extension that our own service tells."""
    seeing = {model.id for model in models if (model.model_extra or {}).get("sees_images") is True}
    return {
        assistant.id: Abilities(frozenset(tool.type for tool in assistant.tools), assistant.model in seeing)
        for assistant in assistants
    }


def uses_of(name: str, abilities: Abilities) -> list[Use]:
    """Return the uses of a file of that name, the likeliest first."""
    suffix = PurePath(name).suffix.lower()
    uses: list[Use] = ["code_interpreter", "file_search"]
    if suffix in _DOCUMENTS:
        uses.reverse()
    if suffix in _IMAGES:
        uses = ["image", "code_interpreter"]
    return sorted(uses, key=lambda use: not abilities.has(use))


def use_label(use: Use, abilities: Abilities) -> str:
    """Return the use's name, and whether the assistant lacks it."""
    if abilities.has(use):
        return USE_NAMES[use]
    return f"{USE_NAMES[use]} ({'its model sees no images' if use == 'image' else 'off'})"
