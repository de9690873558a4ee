"""Compiles C# programs with Roslyn, in the environment of the client `csharp`: `csharp_compiler.py LIBRARIES PROGRAM…`.

Each program becomes a .dll beside it. Prints what the compiler says, a line each; without errors the exit code is 0.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dotnetcore2
from clr_loader import get_coreclr
from pythonnet import load

DOTNET = Path(dotnetcore2.__file__).parent / "bin"
FRAMEWORK = {"name": "Microsoft.NETCore.App", "version": "3.1.0"}
ADDED = ("System.Text.Json", "System.Text.Encodings.Web", "System.Runtime.CompilerServices.Unsafe")
COMPILER = ("System.Collections.Immutable", "System.Reflection.Metadata", "Microsoft.CodeAnalysis")
COMPILER_OF_SHARP = "Microsoft.CodeAnalysis.CSharp"
PREAMBLE = """
global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;

static class LaterThanThisLibrary
{
    public static System.Text.Json.Nodes.JsonNode DeepClone(this System.Text.Json.Nodes.JsonNode node) =>
        System.Text.Json.Nodes.JsonNode.Parse(node.ToJsonString())!;
}
"""
"""What `dotnet new console` imports by itself, and what .NET 8 has beyond the JSON library that is here."""


def main() -> int:
    libraries, *programs = map(Path, sys.argv[1:])
    references = _references(_start_dotnet(libraries))
    said = [line for program in programs for line in _compile(program, references)]
    print("\n".join(said))
    for program in programs:
        _make_startable(program, libraries)
    return int(any(": error " in line for line in said))


def _start_dotnet(libraries: Path) -> list[Path]:
    """Start .NET with the compiler's libraries in place of its own older ones; return what programs may use."""
    framework = next((DOTNET / "shared" / "Microsoft.NETCore.App").iterdir())
    own = {path.name: path for path in framework.glob("*.dll")}
    usable = own | {f"{name}.dll": libraries / f"{name}.dll" for name in ADDED}
    trusted = usable | {f"{name}.dll": libraries / f"{name}.dll" for name in (*COMPILER, COMPILER_OF_SHARP)}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        json.dump({"runtimeOptions": {"tfm": "netcoreapp3.1", "framework": FRAMEWORK}}, config)
        config.flush()
        properties = {"TRUSTED_PLATFORM_ASSEMBLIES": os.pathsep.join(map(str, trusted.values()))}
        load(get_coreclr(runtime_config=config.name, dotnet_root=str(DOTNET), properties=properties))
    importlib.import_module("clr").AddReference(COMPILER_OF_SHARP)
    return list(usable.values())


def _references(libraries: list[Path]) -> Any:
    from Microsoft.CodeAnalysis import MetadataReference
    from System.Collections.Generic import List

    references = List[MetadataReference]()
    for path in libraries:
        references.Add(MetadataReference.CreateFromFile(str(path)))
    return references


def _compile(program: Path, references: Any) -> Iterator[str]:
    from Microsoft.CodeAnalysis import NullableContextOptions, OutputKind, SyntaxTree
    from Microsoft.CodeAnalysis.CSharp import CSharpCompilation, CSharpCompilationOptions
    from System.Collections.Generic import List
    from System.IO import File

    trees = List[SyntaxTree]()
    trees.Add(_tree(PREAMBLE, "Preamble.cs"))
    trees.Add(_tree(program.read_text(), program.name))
    options = CSharpCompilationOptions(OutputKind.ConsoleApplication)
    options = options.WithNullableContextOptions(NullableContextOptions.Enable)
    target = File.Create(str(program.with_suffix(".dll")))
    done: Any = CSharpCompilation.Create(program.stem, trees, references, options).Emit(target)
    target.Close()
    return (each.ToString() for each in done.Diagnostics if str(each.Severity) != "Hidden")


def _tree(text: str, name: str) -> Any:
    from Microsoft.CodeAnalysis.CSharp import CSharpParseOptions, CSharpSyntaxTree, LanguageVersion

    return CSharpSyntaxTree.ParseText(text, CSharpParseOptions(LanguageVersion.CSharp10), name)


def _make_startable(program: Path, libraries: Path) -> None:
    """Say which framework the program starts in, and where its JSON library is."""
    invariant = {"System.Globalization.Invariant": True}
    options = {"framework": FRAMEWORK, "configProperties": invariant, "additionalProbingPaths": [str(libraries)]}
    program.with_suffix(".runtimeconfig.json").write_text(json.dumps({"runtimeOptions": options}))
    target = ".NETCoreApp,Version=v3.1"
    added = {f"{name}/6.0.0": {"runtime": {f"{name}.dll": {"assemblyVersion": "6.0.0.0"}}} for name in ADDED}
    kinds = {name: {"type": "package", "serviceable": False, "sha512": "", "path": "."} for name in added}
    dependencies = {"runtimeTarget": {"name": target}, "targets": {target: added}, "libraries": kinds}
    program.with_suffix(".deps.json").write_text(json.dumps(dependencies))


if __name__ == "__main__":
    sys.exit(main())
