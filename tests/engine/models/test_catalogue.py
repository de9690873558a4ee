from __future__ import annotations

import pytest

from app.engine.models.catalogue import Catalogue
from app.errors import InvalidRequest, UpstreamFailed
from tests.doubles.models import ScriptedProvider


async def test_a_name_on_offer_is_served_by_its_provider() -> None:
    first, second = ScriptedProvider("one"), ScriptedProvider("two")
    assert (await Catalogue([first, second]).resolve("two")).info.id == "two"


async def test_another_name_is_served_by_the_default_model() -> None:
    catalogue = Catalogue([ScriptedProvider("one"), ScriptedProvider("two")], default_model="two")
    assert (await catalogue.resolve("gpt-4-1106-preview")).info.id == "two"


async def test_without_a_default_the_first_model_serves() -> None:
    catalogue = Catalogue([ScriptedProvider("one"), ScriptedProvider("two")])
    assert (await catalogue.resolve("gpt-4-1106-preview")).info.id == "one"


async def test_strict_names_are_refused() -> None:
    catalogue = Catalogue([ScriptedProvider("one")], strict=True)
    with pytest.raises(InvalidRequest, match="'gpt-4-1106-preview' does not exist") as caught:
        await catalogue.check("gpt-4-1106-preview")
    assert (caught.value.param, caught.value.code) == ("model", "model_not_found")


async def test_a_provider_that_is_down_is_named_instead_of_answering_with_another_model() -> None:
    down, up = ScriptedProvider("one"), ScriptedProvider("two")
    down.error = UpstreamFailed("Script can't be reached.", code="server_error")
    catalogue = Catalogue([down, up])
    assert (await catalogue.resolve("two")).info.id == "two"
    with pytest.raises(UpstreamFailed, match="can't be reached"):
        await catalogue.resolve("gpt-4o")


async def test_without_any_model_the_error_says_what_to_do() -> None:
    with pytest.raises(UpstreamFailed, match="Set OPENAI_API_KEY"):
        await Catalogue([]).resolve("gpt-4o")
