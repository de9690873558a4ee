"""Grammars (GBNF) that confine what the model may write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NOT_FOUND = "The documents do not tell that."


def one_of(words: Iterable[str]) -> str:
    """Return a grammar that allows exactly one of `words`."""
    return "root ::= " + " | ".join(_literal(word) for word in words)


def one_or_names(words: Iterable[str], names: Iterable[str], separator: str) -> str:
    """Return a grammar that allows one of `words`, or up to four of `names`."""
    listed = " | ".join(_literal(name) for name in names)
    if not listed:
        return one_of(words)
    single = "".join(f"{_literal(word)} | " for word in words)
    return f"root ::= {single}names\nnames ::= name ({_literal(separator)} name){{0,3}}\nname ::= {listed}"


def list_of_arguments(parameters: Mapping[str, object], *, most: int) -> dict[str, object]:
    """Return a JSON schema: one to `most` argument objects of a function with these `parameters`."""
    # What the schema does not forbid a small model makes up.
    item = {"additionalProperties": False, **parameters} if parameters.get("properties") else {"type": "object"}
    return {"type": "array", "items": item, "minItems": 1, "maxItems": most}


def answer_schema(response_format: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Return the JSON schema that an answer must follow, or None for plain text."""
    if response_format is None:
        return None
    match response_format.get("type"):
        case "json_object":
            return {"type": "object"}
        case "json_schema":
            outer = response_format.get("json_schema")
            schema = outer.get("schema") if isinstance(outer, Mapping) else None
            return schema if isinstance(schema, Mapping) else {"type": "object"}
        case _:
            return None


def quoting(programs: Iterable[str]) -> str:
    """Return a grammar: one of `programs`, word for word, the end of its fence, then up to two sentences."""
    quoted = " | ".join(_literal(program.strip()) for program in programs)
    return f'root ::= ({quoted}) "\\n```\\n" sentence? sentence?\nsentence ::= [ \\n]{{0,2}} [^`.\\n]{{1,240}} "."'


def citing(marks: Iterable[str]) -> str:
    """Return a grammar: one or two sentences and the mark of a passage, or that no passage tells it."""
    listed = " | ".join(_literal(mark) for mark in marks)
    return (
        f'root ::= {_literal(NOT_FOUND)} | sentence (" " sentence)? " " mark\nmark ::= {listed}\n'
        'sentence ::= [^【】.!?\\n ] ([^【】.!?\\n] | "." [^ \\n【】]){1,240} [.!?]'
    )


def _literal(text: str) -> str:
    """Return `text` as a grammar's literal; JSON's escapes differ from a grammar's."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'
