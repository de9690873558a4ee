"""Requests that schemathesis makes up from the served OpenAPI document, in right and in wrong shapes."""

from __future__ import annotations

from pathlib import Path

from tests.contract.installed import python_of, run

SECONDS = 15
CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance"


def test_no_request_makes_the_server_fail_or_answer_otherwise_than_documented(server_url: str, tmp_path: Path) -> None:
    output = run(
        [
            python_of("schemathesis", "schemathesis"),
            *("run", f"{server_url}/v1/openapi.json", "--header", "Authorization: Bearer any"),
            *("--checks", CHECKS, "--phases", "coverage,fuzzing,stateful", "--max-time", str(SECONDS)),
            *("--exclude-path-regex", "^/openai/v1/", "--request-timeout", "10"),
            *("--generation-deterministic", "--no-shrink", "--no-color"),
        ],
        server_url,
        tmp_path,
    )
    assert "Test cases:" in output
