"""Annotations of an answer's text: links to files that the code interpreter made, citations of passages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

_MARK = re.compile(r"【(\d+:\d+)(?:†[^】]*)?】")
_QUOTE_CHARACTERS = 300
_SANDBOX_LINK = re.compile(r"sandbox:/mnt/data/([^\s)\]\"'<>]+)")


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that the model was given, and the step of the search that found it."""

    file_id: str
    file_name: str
    page: int | None
    text: str
    run_id: str
    step_id: str
    mark: str

    def described(self) -> dict[str, Any]:
        """Return the body of a `file_citation`; all but `file_id` and v1's `quote` are extensions.

        The quote is the passage's beginning. The whole passage is the result with this mark in the step.
        """
        return {
            "file_id": self.file_id,
            "quote": self.text[:_QUOTE_CHARACTERS],
            "file_name": self.file_name,
            "page": self.page,
            "run_id": self.run_id,
            "step_id": self.step_id,
            "mark": self.mark,
        }


def file_citation_annotations(text: str, marks: Mapping[str, Citation]) -> list[dict[str, Any]]:
    """Return a `file_citation` annotation for each mark of a passage that was really found."""
    return [
        {
            "type": "file_citation",
            "text": match.group(0),
            "start_index": match.start(),
            "end_index": match.end(),
            "file_citation": marks[match.group(1)].described(),
        }
        for match in _MARK.finditer(text)
        if match.group(1) in marks
    ]


def file_path_annotations(text: str, outputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a `file_path` annotation for each link to a file that is there.

    `outputs` maps file names to ids. Indices count code points of `text`, and `text[start:end]` is the annotated piece.
    """
    found = []
    for match in _SANDBOX_LINK.finditer(text):
        link = match.group(0).rstrip(".,;:!?`*")
        file_id = outputs.get(unquote(link.removeprefix("sandbox:/mnt/data/")))
        if file_id is not None:
            start = match.start()
            found.append(
                {
                    "type": "file_path",
                    "text": link,
                    "start_index": start,
                    "end_index": start + len(link),
                    "file_path": {"file_id": file_id},
                }
            )
    return found
