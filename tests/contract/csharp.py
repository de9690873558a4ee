"""C# programs, compiled by Roslyn and run in .NET as the client `csharp` brings them; tests skip without it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contract.installed import client_folder, node_modules, python_of

_COMPILER = Path(__file__).with_name("csharp_compiler.py")
_LIBRARIES = "@autorest/csharp"
_COMPILE_SECONDS = 100
_SETTINGS = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "COMPlus_TC_QuickJitForLoops": "1"}
"""No ICU is needed, and the compiler starts before its loops are optimised."""


def compile_csharp(*programs: Path) -> str:
    """Compile each program to a .dll beside it; return what the compiler says, warnings too."""
    command = [python_of("csharp"), str(_COMPILER), str(node_modules() / _LIBRARIES), *map(str, programs)]
    with TemporaryDirectory() as folder:
        _link_old_openssl(Path(folder))
        environment = {**os.environ, **_SETTINGS, "LD_LIBRARY_PATH": folder}
        done = subprocess.run(  # noqa: S603  our own program
            command, env=environment, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=False
        )
    assert not done.stderr, done.stderr
    return done.stdout.strip()


def dotnet_command(program: Path) -> list[str]:
    """Return what runs a compiled program."""
    return [str(_packages() / "dotnetcore2" / "bin" / "dotnet"), str(program.with_suffix(".dll"))]


def _link_old_openssl(folder: Path) -> None:
    """Fill a folder with the OpenSSL that this .NET asks for, under the name that it asks for."""
    for library in (_packages() / "psycopg2_binary.libs").iterdir():
        name = "libssl.so.1.1" if library.name.startswith("libssl-") else library.name
        (folder / name).symlink_to(library)


def _packages() -> Path:
    """Return the folder of the client's packages: it has none on machines that this .NET is not made for."""
    found = client_folder("csharp").glob("lib/python*/site-packages/dotnetcore2")
    return next((path.parent for path in found), None) or pytest.skip("There is no C# compiler for this machine.")
