"""Ways to answer an HTMX request that more than one route uses."""

from __future__ import annotations

from fastapi import Response


def go_to(address: str) -> Response:
    """Let the browser open another page."""
    return Response(headers={"HX-Redirect": address})
