"""What a browser wants to see of the logs: from the form of the pane, and from what it chose before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from fastapi import Cookie, Depends, Query

from app.connections.principal import current_principal
from app.journal.entry import State
from app.journal.filters import EntryFilter, KindChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Response

    from app.playground.session import Session

View = Literal["activity", "wire"]
Scope = Literal["session", "thread", "all"]

_COOKIE: Final = "logs"
_COOKIE_SECONDS: Final = 365 * 24 * 3600
_LONGEST_TEXT: Final = 200
_KINDS: Final = {"change": "Calls that change", "read": "Calls that read", "event": "Run events", "note": "Notes"}
_STATES: Final = {"ok": "Succeeded", "failed": "Failed", "running": "Running"}
_SCOPES: Final = {"session": "This session", "thread": "This thread", "all": "Everything"}


@dataclass(frozen=True, slots=True)
class LogChoice:
    """The pane's choices; `floor` is the number up to which this browser cleared the view."""

    view: View = "activity"
    scope: Scope = "session"
    kind: KindChoice = ""
    state: State | Literal[""] = ""
    text: str = ""
    run: str = ""
    floor: int = 0

    @property
    def is_narrow(self) -> bool:
        """Whether something is filtered out."""
        return bool(self.state or self.text or self.run or (self.kind and self.view == "wire"))

    def wanted(self, session: Session, until: int = 0) -> EntryFilter:
        """Return the filter of entries (up to a number); a run is shown wherever it was begun."""
        return EntryFilter(
            principal=current_principal() or "",
            until=until,
            session_id=session.chat.id if self.scope == "session" and not self.run else "",
            thread_id=session.thread_id if self.scope == "thread" and not self.run else "",
            run_id=self.run,
            kind=self.kind if self.view == "wire" else "",
            state=self.state,
            text=self.text[:_LONGEST_TEXT],
            floor=0 if self.run else self.floor,
        )

    def remember(self, response: Response) -> None:
        """Let the browser keep its view, scope and what it cleared."""
        value = f"{self.view}.{self.scope}.{self.floor}"
        response.set_cookie(_COOKIE, value, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")

    @property
    def options(self) -> dict[str, Mapping[str, str]]:
        """The words of the pane's lists."""
        return {"kinds": _KINDS, "states": _STATES, "scopes": _SCOPES}


def remembered(cookie: str) -> LogChoice:
    """Return what the browser chose before, as far as it can be read."""
    view, scope, floor = [*cookie.split("."), "", "", ""][:3]
    return LogChoice(
        view="wire" if view == "wire" else "activity",
        scope=next((known for known in get_args(Scope) if known == scope), "session"),
        floor=int(floor) if floor.isascii() and floor.isdecimal() and len(floor) < 19 else 0,  # noqa: PLR2004  64 bits
    )


async def chosen(
    view: Annotated[View, Query()] = "activity",
    scope: Annotated[Scope, Query()] = "session",
    kind: Annotated[KindChoice, Query()] = "",
    state: Annotated[State | Literal[""], Query()] = "",
    text: Annotated[str, Query()] = "",
    run: Annotated[str, Query(max_length=64)] = "",
    logs: Annotated[str, Cookie()] = "",
) -> LogChoice:
    """Read the form's choices; what was cleared stands in the cookie."""
    return LogChoice(view, scope, kind, state, text, run, remembered(logs).floor)


ChoiceDep = Annotated[LogChoice, Depends(chosen)]
