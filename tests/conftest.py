"""Fixtures that every test may use."""

from __future__ import annotations

import pytest

from tests.databases import drop_templates


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_addoption(parser: pytest.Parser) -> None:
    late = "Hold back each request of the browser up to so many seconds, to find what counts on a fast server."
    parser.addoption("--late", type=float, default=0.0, help=late)


def pytest_sessionfinish() -> None:
    drop_templates()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the sandbox's attacks tried and what happened, one line each."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, lines in getattr(report, "user_properties", []):
            if name == "attacks":
                terminalreporter.section(report.nodeid.rpartition("::")[2], sep="-")
                for line in lines:
                    terminalreporter.write_line(line)
