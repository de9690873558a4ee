"""What the page says about a single message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.connections.types import Message, Run


@dataclass(frozen=True, slots=True)
class DetailsView:
    """A message's ids and facts, each with its name; facts are no ids, so they are not copied."""

    ids: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    run_id: str


def plain_text(message: Message) -> str:
    """Return what a message says, as Markdown."""
    return "\n\n".join(block.text.value for block in message.content if block.type == "text")


def details_view(message: Message, run: Run | None) -> DetailsView:
    """Return the ids and facts of a message, with those of its run if it has one."""
    ids = {
        "Message": message.id,
        "Thread": message.thread_id,
        "Run": message.run_id,
        "Assistant": message.assistant_id,
    }
    written_at = datetime.fromtimestamp(message.created_at).astimezone()
    facts = {
        "Role": message.role.capitalize(),
        "Status": (message.status or "completed").replace("_", " "),
        "Written": written_at.strftime("%Y-%m-%d %H:%M:%S"),
        "Length": f"{len(plain_text(message)):,} characters",
        **(_of_run(run) if run else {}),
        **{f"Metadata: {name}": str(value) for name, value in (message.metadata or {}).items()},
    }
    return DetailsView(
        tuple((name, value) for name, value in ids.items() if value), tuple(facts.items()), message.run_id or ""
    )


def _of_run(run: Run) -> dict[str, str]:
    facts = {"Model": run.model, "State of its run": run.status.replace("_", " ")}
    if run.usage:
        usage = run.usage
        facts["Tokens of its run"] = (
            f"{usage.total_tokens:,} ({usage.prompt_tokens:,} in, {usage.completion_tokens:,} out)"
        )
    return facts
