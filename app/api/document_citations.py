"""The schemas of citations and searches: what the specification has of them, and our extensions, marked."""

from __future__ import annotations

from typing import Any, Final

_EXTENSION: Final = {"x-extension": True}

SCHEMAS: Final[dict[str, Any]] = {
    "FileCitation": {
        "type": "object",
        "description": "The `file_citation` of a message's annotation. The cited passage as a whole is in the step "
        "`step_id` of the run `run_id` (asked for with `include[]=step_details.tool_calls[*].file_search.results[*]"
        ".content`): the result with the same `mark`. It may be the step of an earlier run on the thread.",
        "required": ["file_id", "quote", "file_name", "page", "run_id", "step_id", "mark"],
        "properties": {
            "file_id": {"type": "string"},
            "quote": {"type": "string", "description": "The passage's beginning; part of the API's first shape."},
            "file_name": {"type": "string", **_EXTENSION},
            "page": {
                "type": ["integer", "null"],
                "description": "The page, or slide, on which the passage lies; null where the format has none.",
                **_EXTENSION,
            },
            "run_id": {"type": "string", **_EXTENSION},
            "step_id": {"type": "string", **_EXTENSION},
            "mark": {"type": "string", "examples": ["4:0"], **_EXTENSION},
        },
    },
    "FileSearch": {
        "type": "object",
        "description": "The `file_search` of a run step's tool call, once it is done.",
        "required": ["ranking_options", "queries", "results"],
        "properties": {
            "ranking_options": {"type": "object"},
            "queries": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What the model searched for.",
                **_EXTENSION,
            },
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/FileSearchResult"}},
        },
    },
    "FileSearchResult": {
        "type": "object",
        "description": "A passage that the model was given, best first.",
        "required": ["file_id", "file_name", "score", "mark", "page"],
        "properties": {
            "file_id": {"type": "string"},
            "file_name": {"type": "string"},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "content": {"type": "array", "items": {"type": "object"}, "description": "Only where it is asked for."},
            "mark": {
                "type": "string",
                "examples": ["4:0"],
                "description": "What cites it: `【4:0†name】`.",
                **_EXTENSION,
            },
            "page": {"type": ["integer", "null"], **_EXTENSION},
        },
    },
}

CONTENT: Final = "Parts as the specification has them; a `file_citation` in their annotations is a `FileCitation`."
STEP_DETAILS: Final = "As the specification has them; the `file_search` of a tool call is a `FileSearch`."
