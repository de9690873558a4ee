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


@dataclass(frozen=True, slots=True)
class ModelNotices:
    """A box above the composer while no model can answer, and one in the setup."""

    chat: ModelNotice | None
    setup: ModelNotice | None


def model_notices(facts: ServerFacts) -> ModelNotices:
    """Return what there is to say: near the composer while nothing can answer, near the deployment otherwise."""
    weights, down = _weights_notice(facts), _down_notice(facts)
    if facts.default_model is None:
        return ModelNotices(weights, down)
    return ModelNotices(None, down or weights)


def _weights_notice(facts: ServerFacts) -> ModelNotice | None:
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
            return None


def _down_notice(facts: ServerFacts) -> ModelNotice | None:
    down = [provider for provider in facts.providers if not provider.is_up]
    if not down:
        return None
    lines = tuple(f"{provider.name}: {provider.reason}" for provider in down)
    title = "A model provider does not answer" if len(down) == 1 else "Some model providers do not answer"
    return ModelNotice(title, lines[0], "warn", "triangle-alert", None, lines[1:])
