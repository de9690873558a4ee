"""The model's chat template: turns of a conversation as the text that the model was trained on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]

END = "<|im_end|>"
_START = "<|im_start|>"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation."""

    role: Role
    text: str


def render(turns: Iterable[Turn], *, opening: str = "") -> str:
    """Return the prompt that ends where the assistant's next turn, beginning with `opening`, goes on."""
    return "".join(_render_turn(turn) for turn in turns) + f"{_START}assistant\n{opening}"


def _render_turn(turn: Turn) -> str:
    return f"{_START}{turn.role}\n{defuse(turn.text)}{END}\n"


def defuse(text: str) -> str:
    """Break control tokens in `text`, so that nobody's message can pretend to be another turn."""
    return text.replace("<|", "< |")
