"""What runs cost, by a table of prices that the operator writes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.connections.types import Run

_MILLION: Final = Decimal(1_000_000)
_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_Price = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Cost:
    """What runs cost together, as people read it; empty where no price is known."""

    text: str = ""
    unpriced_runs: int = 0


class Price(BaseModel):
    """The prices of one model for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: _Price
    output: _Price
    cached_input: _Price | None = None


class Prices(BaseModel):
    """The whole table; models are found by their exact name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field("USD", min_length=1, max_length=8)
    models: dict[str, Price] = {}

    def of_run(self, run: Run) -> Decimal | None:
        """Return what a run cost, or nothing where its model has no price or its tokens are not known."""
        price = self.models.get(answering_model(run)) or self.models.get(run.model)
        usage = run.usage
        if price is None or usage is None:
            return None
        cached = _cached_tokens(usage.model_extra or {}) if price.cached_input is not None else 0
        cached = min(cached, usage.prompt_tokens)
        paid = (usage.prompt_tokens - cached) * price.input + usage.completion_tokens * price.output
        return (paid + cached * (price.cached_input or 0)) / _MILLION

    def of_runs(self, runs: Iterable[Run]) -> Cost:
        """Return what runs cost together, and how many of those that used tokens have no known price."""
        used = [run for run in runs if run.usage and run.usage.total_tokens]
        known = [cost for run in used if (cost := self.of_run(run)) is not None]
        return Cost(self.written(sum(known, Decimal(0)) if known else None), len(used) - len(known))

    def written(self, cost: Decimal | None) -> str:
        """Write an amount with at least two decimals, and four significant digits where it is small."""
        if cost is None:
            return ""
        digits = 2 if cost == 0 or cost >= 1 else min(8, 1 - cost.adjusted() + 2)
        amount = f"{cost:,.{digits}f}"
        whole, _, decimals = amount.partition(".")
        amount = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
        sign = _SIGNS.get(self.currency.upper())
        return f"{sign}{amount}" if sign else f"{amount} {self.currency}"


def read_prices(path: Path | None) -> Prices:
    """Read the table from a JSON or TOML file, or raise `InvalidRequest` that says what is wrong with it."""
    if path is None:
        return Prices()
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        return Prices.model_validate(values)
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'the table'}: {each['msg']}" for each in error.errors()
        )
        raise InvalidRequest(f"PRICES_FILE {path} is not a table of prices. {reasons}.") from error
    except OSError as error:
        raise InvalidRequest(f"PRICES_FILE {path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise InvalidRequest(f"PRICES_FILE {path} is neither valid JSON nor TOML: {error}.") from error


def answering_model(run: Run) -> str:
    """Return the model that really answered: our engine names it with its provider behind it."""
    answered_by = str((run.model_extra or {}).get("answered_by") or "")
    return answered_by.partition(" (")[0] or run.model


def _cached_tokens(usage: dict[str, object]) -> int:
    details = usage.get("prompt_token_details") or usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return cached if isinstance(cached, int) else 0
