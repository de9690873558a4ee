"""How people come in on one server."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from app.playground.sign_in.attempts import Attempts

if TYPE_CHECKING:
    from app.people.keys import Keys
    from app.people.limits import KeptLimits
    from app.people.people import People
    from app.people.thread_links import ThreadLinks
    from app.playground.sign_in.provider import IdentityProvider

Way = Literal["link", "password", "oidc"]


@dataclass(frozen=True, slots=True)
class Door:
    """The way in; links that invite somebody work beside every other way."""

    way: Way
    people: People
    keys: Keys
    links: ThreadLinks
    limits: KeptLimits
    password: str = field(default="", repr=False)
    provider: IdentityProvider | None = None
    attempts: Attempts = field(default_factory=Attempts)
    file_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """Marks the files that shared threads show, until the server stops."""

    def is_password(self, given: str) -> bool:
        """Tell whether this is the shared password, in a time that says nothing about it."""
        return bool(self.password) and hmac.compare_digest(given.encode(), self.password.encode())
