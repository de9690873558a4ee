"""The price table: read, refused when it is wrong, and applied to runs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.__main__ import main
from app.connections.types import Run
from app.errors import InvalidRequest
from app.playground.chat.costs import Cost, Prices, read_prices
from tests.doubles.models import says
from tests.playground.function_visits import at_home

if TYPE_CHECKING:
    from tests.playground.conftest import House

TABLE = {"currency": "EUR", "models": {"big": {"input": 2.5, "cached_input": 1.25, "output": 10}}}


def run(model: str, prompt: int, completion: int, **more: object) -> Run:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, **more}
    return Run.construct(id="run_1", model=model, status="completed", usage=usage)


def test_tokens_cost_what_the_table_says() -> None:
    prices = Prices.model_validate(TABLE)
    assert prices.of_run(run("big", 1_000_000, 100_000)) == Decimal("3.5")
    assert prices.of_run(run("small", 10, 10)) is None
    assert prices.of_run(Run.construct(id="run_1", model="big", status="queued", usage=None)) is None


def test_cached_tokens_have_a_price_of_their_own() -> None:
    prices = Prices.model_validate(TABLE)
    assert prices.of_run(run("big", 1000, 0, prompt_token_details={"cached_tokens": 400})) == Decimal("0.002")


def test_the_model_that_really_answered_is_what_costs() -> None:
    prices = Prices.model_validate(TABLE)
    answered = Run.construct(
        id="run_1",
        model="gpt-9",
        answered_by="big (OpenAI-compatible (localhost))",
        usage={"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000},
    )
    assert prices.of_run(answered) == Decimal("0.0025")


def test_runs_without_a_price_are_counted() -> None:
    prices = Prices.model_validate(TABLE)
    assert prices.of_runs([run("big", 1000, 0), run("small", 5, 5)]) == Cost("€0.0025", 1)
    assert prices.of_runs([]) == Cost()


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        ("0", "€0.00"),
        ("0.000012", "€0.000012"),
        ("0.00123456", "€0.001235"),
        ("1.5", "€1.50"),
        ("1234.567", "€1,234.57"),
    ],
)
def test_amounts_are_short_and_exact_enough(cost: str, text: str) -> None:
    assert Prices(currency="EUR").written(Decimal(cost)) == text


def test_other_currencies_stand_behind_the_amount() -> None:
    assert Prices(currency="CHF").written(Decimal("0.5")) == "0.50 CHF"
    assert Prices().written(None) == ""


@pytest.mark.parametrize("name", ["prices.json", "prices.toml"])
def test_the_table_is_read_from_json_and_toml(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    toml = '[models."gpt-4o"]\ninput = 2.5\noutput = 10\n'
    path.write_text(toml if name.endswith("toml") else '{"models": {"gpt-4o": {"input": 2.5, "output": 10}}}')
    assert read_prices(path).models["gpt-4o"].output == Decimal(10)
    assert read_prices(None).models == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "neither valid JSON nor TOML"),
        ('{"models": {"x": {"input": -1, "output": 1}}}', "models.x.input: Input should be greater"),
        ('{"models": {"x": {"input": 1}}}', "models.x.output: Field required"),
        ('{"model": {}}', "model: Extra inputs are not permitted"),
        ("[]", "the table: "),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text)
    with pytest.raises(InvalidRequest, match="PRICES_FILE") as caught:
        read_prices(path)
    assert reason in caught.value.message


def test_the_server_does_not_start_with_a_missing_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRICES_FILE", str(tmp_path / "none.json"))
    assert main(["--data-dir", str(tmp_path)]) == 2
    assert "none.json can't be read: No such file or directory." in capsys.readouterr().err


def test_the_page_tells_the_cost_of_a_run_and_of_the_thread(house: House) -> None:
    house.prices = Prices.model_validate({"models": {"scripted": {"input": 100, "output": 1000}}})
    house.model.turns = [says("One."), says("Two.")]
    with at_home(house) as at_page:
        at_page.start()
        at_page.run("First.")
        at_page.run("Second.")
        assert at_page.text("tokens") == "30 tokens · $0.012"
        assert [line.split()[-1] for line in at_page.all("run-end")] == ["$0.006", "$0.006"]
