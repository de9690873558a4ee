"""The house's import rules, walked through every module of `app`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEUTRAL = {
    "bodies",
    "clock",
    "database",
    "errors",
    "ids",
    "limits",
    "log",
    "loopback",
    "paths",
    "redaction",
    "server_keys",
}
CONSTANTS = {"app.settings.ROOT"}
MAY_IMPORT = {
    "__main__": {"backup", "doctor", "http_protocol", "main", "migrations", "settings", "stopping"},
    "backup": {"engine", "engine_parts", "journal", "migrations", "people", "settings"},
    "operation": {"engine", "playground"},
    "engine_parts": {"connections", "engine", "settings"},
    "entrance": {"people", "playground", "settings"},
    "doctor": {"engine", "engine_parts", "settings"},
    "main": {
        "api",
        "connections",
        "engine",
        "engine_parts",
        "entrance",
        "journal",
        "migrations",
        "operation",
        "people",
        "playground",
        "request_log",
        "settings",
        "stopping",
        "telemetry",
        "wire",
    },
    "playground": {"connections", "journal", "people", "wire"},
    "connections": {"journal"},
    "api": {"engine", "journal", "wire"},
    "engine": {"wire"},
    "migrations": {"engine", "journal"},
    "journal": set[str](),
    "people": set[str](),
    "stopping": set[str](),
    "http_protocol": set[str](),
    "wire": set[str](),
    "request_log": set[str](),
    "settings": set[str](),
    "spans": {"engine", "wire"},
    "telemetry": {"engine", "spans"},
}
ONLY_IN = {
    "fastapi": ("app.main", "app.operation", "app.api", "app.playground"),
    "openai": ("app.connections", "app.engine.models"),
    "sqlalchemy": ("app.backup", "app.database", "app.engine", "app.journal", "app.migrations", "app.people"),
    "alembic": ("app.backup", "app.migrations"),
    "opentelemetry": ("app.api.application", "app.spans", "app.telemetry"),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text())


def imports(module: str, tree: ast.Module) -> Iterator[str]:
    """Yield full names, so that `from app import engine` counts as an import of `app.engine`."""
    package = module.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [*package[: len(package) - node.level], node.module or ""] if node.level else [node.module or ""]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def room(name: str) -> str:
    """Return the part of the house that a module of `app` belongs to."""
    return [*name.split("."), ""][1]


def test_imports_run_one_way() -> None:
    strays = [
        f"{module} imports {name}"
        for module, tree in modules()
        for name in imports(module, tree)
        if name.startswith("app.")
        and name not in CONSTANTS
        and room(name) not in {room(module), *NEUTRAL, *MAY_IMPORT.get(room(module), set())}
    ]
    assert strays == []


def test_each_package_is_used_where_it_belongs() -> None:
    strays = [
        f"{module} imports {name}"
        for module, tree in modules()
        for name in imports(module, tree)
        if not f"{module}.".startswith(tuple(f"{place}." for place in ONLY_IN.get(name.split(".")[0], ("app",))))
    ]
    assert strays == []


def test_every_part_of_the_house_has_a_rule() -> None:
    assert {room(module) for module, _ in modules()} - NEUTRAL - {""} <= set(MAY_IMPORT)
