"""The Content Security Policy, word for word."""

from __future__ import annotations

from app.playground.csp import CONTENT_SECURITY_POLICY


def test_only_own_files_and_nothing_inline() -> None:
    assert CONTENT_SECURITY_POLICY.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
