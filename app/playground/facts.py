"""What the page says about the server: its sandbox, its models and the built-in model's weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

WeightsState = Literal["off", "absent", "fetching", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class SandboxFacts:
    """The code interpreter's tier, or why there is none."""

    tier: str | None
    reason: str = ""
    is_tried: bool = True
    """False in the first seconds, when nobody knows."""


@dataclass(frozen=True, slots=True)
class WeightsFacts:
    """How far the built-in model's weights are."""

    state: WeightsState
    done_bytes: int = 0
    total_bytes: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """A configured model provider; `reason` says why it is down."""

    name: str
    is_up: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """All facts at one moment; `builtin_model` is its id in the list of models."""

    sandbox: SandboxFacts
    weights: WeightsFacts
    builtin_model: str | None = None
    default_model: str | None = None
    providers: tuple[ProviderFacts, ...] = field(default=())


FactsSource = Callable[[], ServerFacts]
"""Gives the facts now; it is asked once a second by every open page, so it must be cheap."""
