from __future__ import annotations

from typing import Any

import pytest

from app.engine.tools.file_search.filters import passes
from app.wire.vector_stores import SearchRequest

ATTRIBUTES = {"kind": "fruit", "weight": 3, "ripe": True}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"type": "eq", "key": "kind", "value": "fruit"}, True),
        ({"type": "ne", "key": "kind", "value": "fruit"}, False),
        ({"type": "gt", "key": "weight", "value": 2}, True),
        ({"type": "gte", "key": "weight", "value": 3}, True),
        ({"type": "lt", "key": "weight", "value": 3}, False),
        ({"type": "lte", "key": "weight", "value": 3}, True),
        ({"type": "lt", "key": "kind", "value": 3}, False),
        ({"type": "in", "key": "kind", "value": ["fruit", "nut"]}, True),
        ({"type": "nin", "key": "kind", "value": ["fruit", "nut"]}, False),
        ({"type": "eq", "key": "missing", "value": "x"}, False),
        ({"type": "eq", "key": "ripe", "value": True}, True),
    ],
)
def test_attributes_are_compared(wanted: dict[str, Any], expected: bool) -> None:  # noqa: FBT001  a parameter
    assert passes(ATTRIBUTES, SearchRequest(query="x", filters=wanted).filters) is expected


def test_filters_are_joined() -> None:
    yes = {"type": "eq", "key": "kind", "value": "fruit"}
    no = {"type": "eq", "key": "kind", "value": "nut"}
    for kind, expected in (("and", False), ("or", True)):
        body = SearchRequest.model_validate({"query": "x", "filters": {"type": kind, "filters": [yes, no]}})
        assert passes(ATTRIBUTES, body.filters) is expected
