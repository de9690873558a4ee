"""Functions to start from."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "get_weather": {
        "name": "get_weather",
        "description": "Get the weather at a place now.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {**_TEXT, "description": "City and country, such as Amsterdam, Netherlands"},
                "unit": {**_TEXT, "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location"],
        },
    },
    "search_hotels": {
        "name": "search_hotels",
        "description": "Find hotels by place, price and features.",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {**_TEXT, "description": "The city"},
                "max_price": {"type": "number", "description": "The highest price of a night, in euros"},
                "features": {**_TEXT, "description": "Comma separated, such as beachfront, free wifi"},
            },
            "required": ["location"],
        },
    },
    "get_stock_price": {
        "name": "get_stock_price",
        "description": "Get the last price of a share.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"symbol": {**_TEXT, "description": "The ticker symbol, such as MSFT"}},
            "required": ["symbol"],
            "additionalProperties": False,
        },
    },
    "create_ticket": {
        "name": "create_ticket",
        "description": "Open a support ticket and return its number.",
        "parameters": {
            "type": "object",
            "properties": {
                "title": _TEXT,
                "priority": {**_TEXT, "enum": ["low", "normal", "high"]},
                "steps": {"type": "array", "items": _TEXT, "description": "How to see the problem"},
            },
            "required": ["title", "priority"],
        },
    },
}
