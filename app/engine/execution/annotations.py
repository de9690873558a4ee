"""Annotations of an answer's text: links to files that the code interpreter made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_SANDBOX_LINK = re.compile(r"sandbox:/mnt/data/([^\s)\]\"'<>]+)")


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
