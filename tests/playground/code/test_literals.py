"""Literals say what they were made from, whatever is in them: each language is asked itself."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.playground.code.literals import CSHARP, JAVASCRIPT, PYTHON, SHELL, Language, Name, shell_word, write
from tests.contract.csharp import compile_csharp, dotnet_command
from tests.contract.installed import node_command

PIECES = [
    *"\"'`\\$(){}[]<>&|;#!~*?%@=:,.-_/ \t\n\r\b\f\v\x00\x07\x1b\x7f\x85\u00ad\u2028\u2029\u202e\ufeff\uffff\U000e0041",
    '"""', "'''", "${x}", "$(id)", "`id`", "{{x}}", "}}}", "*/", "//", "<!--", "</script>", "\\u0041", "\\x41", "\\",
    "%s", "\nEOF\n", "\nJSON\n", "!!", "😀", "é", "中", "ש", "__proto__", "a", "B", "1",
]  # fmt: skip
COUNT = 300


def nasty_strings(count: int = COUNT) -> list[str]:
    """Return the pieces, and strings of up to twelve of them."""
    chosen = random.Random(20)  # noqa: S311  Always the same strings.
    longer = ["".join(chosen.choices(PIECES, k=chosen.randint(1, 12))) for _ in range(count)]
    return [*PIECES, "", "a\nb\n\n  c\n", *longer]


def printed(command: list[str], program: str) -> object:
    done = subprocess.run(  # noqa: S603  our own program
        command, input=program.encode(), capture_output=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def value() -> dict[str, object]:
    strings = nasty_strings()
    names = {f"k{number}{text}": number for number, text in enumerate(PIECES)}
    others: list[object] = [None, True, False, 0, -1, 0.5, 1e-9, 2**53, [], {}]
    return {"strings": strings, "keys": {**names, "__proto__": {"x": 1}}, "others": others}


def test_python_reads_its_literals_back() -> None:
    program = f"import json\nprint(json.dumps({write(PYTHON, value())}))\n"  # type: ignore[arg-type]  # JSON
    assert printed([sys.executable, "-"], program) == value()


def test_javascript_reads_its_literals_back() -> None:
    program = f"console.log(JSON.stringify({write(JAVASCRIPT, value())}));\n"  # type: ignore[arg-type]  # JSON
    assert printed([node_command(), "--input-type=module", "-"], program) == value()


def test_csharp_reads_its_literals_back(tmp_path: Path) -> None:
    program = tmp_path / "literals.cs"
    all_values = {**value(), "some": "a\nb\n" * 400, "many": "a\nb\n" * 50_000}
    literal = write(CSHARP, all_values)  # type: ignore[arg-type]  # JSON
    text = f"using System.Text.Json.Nodes;\nConsole.WriteLine(({literal}).ToJsonString());\n"
    program.write_text(text, newline="")
    assert compile_csharp(program) == ""
    assert printed(dotnet_command(program), "") == all_values


def test_a_shell_hands_json_on_as_it_is() -> None:
    program = f"printf %s '{write(SHELL, value())}'\n"  # type: ignore[arg-type]  # JSON
    assert printed([bash()], program) == value()


def test_a_shell_puts_variables_between() -> None:
    literal = write(SHELL, {"it's": [Name("id")]})
    program = f"id='a b'\nprintf %s '{literal}'\n"
    assert printed([bash()], program) == {"it's": ["a b"]}


def test_words_of_a_shell_are_one_word_each() -> None:
    words = [text.replace("\x00", "") for text in nasty_strings()]
    program = "printf '%s\\0' " + " ".join(shell_word(text) for text in words)
    assert "\n" not in program
    done = subprocess.run([bash()], input=program.encode(), capture_output=True, timeout=60, check=True)  # noqa: S603
    assert done.stdout.decode().split("\0")[:-1] == words


@pytest.mark.parametrize("language", [PYTHON, JAVASCRIPT, CSHARP, SHELL])
def test_no_literal_holds_what_is_not_seen_or_turns_text_around(language: Language) -> None:
    written = write(language, ["\u202e", "\u200b", "\ud800", "\u2028", "\x85", "\U000e0041"])
    assert written.isascii()
    assert len(written.splitlines()) == written.count("\n") + 1


def test_csharp_writes_objects_arrays_and_numbers_too_large_for_it() -> None:
    assert (
        write(CSHARP, {"a": [1, None], "b": Name("id")})
        == 'new JsonObject { ["a"] = new JsonArray { 1, null }, ["b"] = id }'
    )
    assert write(CSHARP, 2**70) == 'JsonNode.Parse("1180591620717411303424")'


def bash() -> str:
    found = shutil.which("bash")
    if found is None:
        pytest.skip("bash is not installed.")
    return found
