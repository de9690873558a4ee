"""What the page says about the models: weights on their way, providers that are down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.playground.views.chat import Tone

if TYPE_CHECKING:
    from app.playground.facts import ServerFacts

_MEGABYTE = 1_000_000
_OTHERS = "Or use another model now: set OPENAI_API_KEY or AZURE_OPENAI_ENDPOINT, or start Ollama, and start again."


@dataclass(frozen=True, slots=True)
class ModelNotice:
    """A box about the models."""

    title: str
    text: str
    tone: Tone = ""
    icon: str = "info"
    progress_percent: int | None = None
    lines: tuple[str, ...] = ()


def model_notice(facts: ServerFacts) -> ModelNotice | None:
    """Return what there is to say, or None when all models are ready."""
    weights = facts.weights
    match weights.state:
        case "fetching":
            percent = int(100 * weights.done_bytes / weights.total_bytes) if weights.total_bytes else 0
            done, total = weights.done_bytes // _MEGABYTE, weights.total_bytes // _MEGABYTE
            text = f"{done:,} of {total:,} MB. It answers when all is here."
            return ModelNotice("Fetching the small demo model", text, "", "download", percent, (_OTHERS,))
        case "absent":
            text = "Its weights are not on this machine yet."
            return ModelNotice("The small demo model is not here", text, "warn", "info", None, (_OTHERS,))
        case "failed":
            return ModelNotice(
                "The small demo model cannot be used", weights.reason, "bad", "circle-alert", None, (_OTHERS,)
            )
        case "ready" | "off":
            return _down_notice(facts)


def _down_notice(facts: ServerFacts) -> ModelNotice | None:
    down = [provider for provider in facts.providers if not provider.is_up]
    if not down:
        return None
    lines = tuple(f"{provider.name}: {provider.reason}" for provider in down)
    title = "A model provider does not answer" if len(down) == 1 else "Some model providers do not answer"
    return ModelNotice(title, lines[0], "warn", "triangle-alert", None, lines[1:])
