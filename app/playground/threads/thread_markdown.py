"""A thread as Markdown, for a folder in which its files lie under `files/`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.playground.code.shelf import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.playground.threads.thread_archive import Archive

Json = dict[str, Any]


@dataclass(slots=True)
class ThreadMarkdown:
    """Writes one archive; `names` are the files' names in the folder."""

    archive: Archive
    names: Mapping[str, str]
    notes: list[str] = field(default_factory=list)
    """The footnotes so far."""

    def text(self) -> str:
        """Return the whole document."""
        blocks = [*self._head(), *self._body()]
        notes = [f"[^{number}]: {note}" for number, note in enumerate(self.notes, start=1)]
        return "\n\n".join([*blocks, *notes]) + "\n"

    def _head(self) -> Iterator[str]:
        yield f"# Thread {self.archive.thread['id']}"
        names = [str(each.get("name") or each["id"]) for each in self.archive.assistants]
        if names:
            yield f"Assistants: {', '.join(one_line(name) for name in names)}"
        missing = [file for file in self.archive.files.values() if file.content is None]
        if missing:
            yield "Files that are not in this export:"
            yield "\n".join(f"- {one_line(file.filename)}: {one_line(file.reason)}" for file in missing)

    def _body(self) -> Iterator[str]:
        runs = {run.id: run.to_dict() for run in self.archive.told.runs}
        spoken = {message.run_id for message in self.archive.told.messages}
        for message in self.archive.told.messages:
            for run_id in [each for each, run in runs.items() if _is_silent(run, spoken, message.created_at)]:
                yield from self._run(runs.pop(run_id))
            if message.run_id in runs:
                yield from self._run(runs.pop(message.run_id))
            yield from self._message(message.to_dict())
        for run in runs.values():
            yield from self._run(run)

    def _run(self, run: Json) -> Iterator[str]:
        for step in self.archive.steps.get(run["id"], ()):
            for call in step["step_details"].get("tool_calls") or ():
                yield from self._call(call)
        if run["status"] != "completed":
            reason = (run.get("last_error") or {}).get("message", "")
            yield f"*The run ended as {run['status']}{': ' + one_line(reason) if reason else ''}*"

    def _call(self, call: Json) -> Iterator[str]:
        match call["type"]:
            case "code_interpreter":
                yield "### Ran Python"
                yield fenced(call["code_interpreter"].get("input") or "", "python")
                for output in call["code_interpreter"].get("outputs") or ():
                    yield self._output(output)
            case "function":
                yield f"### Called {call['function']['name']}"
                yield fenced(call["function"].get("arguments") or "", "json")
                yield fenced(call["function"].get("output") or "", "text")
            case "file_search":
                queries = call["file_search"].get("queries") or ()
                yield "### Searched the files" + "".join(f"\n\n- {one_line(str(query))}" for query in queries)
            case kind:
                yield f"### Used {one_line(str(kind))}"

    def _output(self, output: Json) -> str:
        if output["type"] == "image":
            return self._picture(output["image"]["file_id"])
        return fenced(output.get("logs") or "", "text")

    def _message(self, message: Json) -> Iterator[str]:
        who = "You" if message["role"] == "user" else self._assistant_name(message.get("assistant_id"))
        time = datetime.fromtimestamp(message["created_at"]).astimezone().strftime("%Y-%m-%d %H:%M")
        yield f"## {one_line(who)} · {time}"
        for block in message["content"]:
            yield self._block(block)
        attached = [each["file_id"] for each in message.get("attachments") or () if each.get("file_id")]
        if attached:
            yield "\n".join(f"- {self._link(file_id)}" for file_id in attached)

    def _block(self, block: Json) -> str:
        match block["type"]:
            case "text":
                return self._cited(block["text"])
            case "image_file":
                return self._picture(block["image_file"]["file_id"])
            case "image_url":
                return f"![Image]({quote(block['image_url']['url'], safe=':/?#[]@!$&*+,;=%')})"
            case _:
                return str(block.get("refusal") or f"[{block['type']}]")

    def _cited(self, text: Json) -> str:
        """Return the text with its citations as footnotes and its links to files as links into the folder."""
        value: str = text["value"]
        for annotation in sorted(text.get("annotations") or (), key=lambda each: -each.get("start_index", 0)):
            start, end = annotation.get("start_index", 0), annotation.get("end_index", 0)
            if value[start:end] == annotation.get("text"):
                value = value[:start] + self._reference(annotation) + value[end:]
        return value

    def _reference(self, annotation: Json) -> str:
        if annotation["type"] == "file_path":
            return f"files/{quote(self._name(annotation['file_path']['file_id']))}"
        cited = annotation.get("file_citation") or {}
        name = cited.get("file_name") or self._name(str(cited.get("file_id", "")))
        passage = one_line(str(cited.get("quote") or ""))
        self.notes.append(f"{one_line(str(name))}{': “' + passage + '”' if passage else ''}")
        return f"[^{len(self.notes)}]"

    def _assistant_name(self, assistant_id: str | None) -> str:
        names = {each["id"]: each.get("name") for each in self.archive.assistants}
        return names.get(assistant_id) or "Assistant"

    def _name(self, file_id: str) -> str:
        return self.names.get(file_id, file_id)

    def _picture(self, file_id: str) -> str:
        return f"!{self._link(file_id)}"

    def _link(self, file_id: str) -> str:
        name = self._name(file_id)
        label = re.sub(r"([\\\[\]])", r"\\\1", one_line(name))
        return f"[{label}](files/{quote(name)})"


def file_names(archive: Archive) -> dict[str, str]:
    """Return a name without folders for each file that has a content; no two are the same, whatever the case."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for file in archive.files.values():
        name = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "_", plain_name(file.filename, file.id))[:200]
        if name.lower() in used:
            name = f"{file.id}-{name}"
        used.add(name.lower())
        names[file.id] = name
    return names


def fenced(text: str, language: str) -> str:
    """Return a code block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def one_line(text: str) -> str:
    """Return the text on one line."""
    return " ".join(text.split())


def _is_silent(run: Json, spoken: set[str | None], before: int) -> bool:
    return run["id"] not in spoken and run["created_at"] < before
