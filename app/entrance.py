"""How people come in, as the settings say."""

from __future__ import annotations

import ipaddress
import secrets

from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.clock import Clock
from app.database import Database
from app.people.keys import Keys
from app.people.limits import KeptLimits
from app.people.people import People
from app.people.thread_links import ThreadLinks
from app.playground.sign_in.door import Door
from app.playground.sign_in.guard import SIGN_IN_PATH, Guard
from app.playground.sign_in.provider import IdentityProvider
from app.settings import Settings

_MINUTES_AT_PROVIDER = 15


def entrance(settings: Settings, database: Database, clock: Clock) -> Door | None:
    """Make the way in that the settings name; None where nobody signs in."""
    if settings.sign_in == "off":
        return None
    people, keys, links = People(database, clock), Keys(database, clock), ThreadLinks(database, clock)
    password = settings.playground_password.get_secret_value() if settings.playground_password else ""
    provider = None
    if settings.sign_in == "oidc" and settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        provider = IdentityProvider(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            owners=settings.oidc_owners,
            members=settings.oidc_members,
        )
    limits = KeptLimits(database, settings.limits)
    shared = password if settings.sign_in == "password" else ""
    return Door(settings.sign_in, people, keys, links, limits, shared, provider)


def guarded(pages: ASGIApp, door: Door | None) -> ASGIApp:
    """Let only those who are signed in onto the pages, where people sign in."""
    if door is None:
        return pages
    if door.provider is None:
        return Guard(pages, door.people)
    # What the way through the provider needs is signed with a key of this process and kept for minutes.
    key = secrets.token_hex(32)
    plain, safe = (_with_session(pages, key, is_safe=is_safe) for is_safe in (False, True))

    async def by_scheme(scope: Scope, receive: Receive, send: Send) -> None:
        await (safe if scope.get("scheme") == "https" else plain)(scope, receive, send)

    return Guard(by_scheme, door.people)


def _with_session(pages: ASGIApp, key: str, *, is_safe: bool) -> ASGIApp:
    return SessionMiddleware(
        pages,
        key,
        session_cookie="__Secure-sign-in-way" if is_safe else "sign-in-way",
        max_age=_MINUTES_AT_PROVIDER * 60,
        path=SIGN_IN_PATH,
        same_site="lax",
        https_only=is_safe,
    )


async def first_address(settings: Settings, door: Door | None) -> str:
    """Return the address to open; one that makes an owner of who opens it, where links let in or nobody runs things."""
    address = f"http://{_reachable(settings)}:{settings.port}"
    if door is None or (door.way != "link" and await door.people.has_owner()):
        return address
    secret = await door.people.invite("owner")
    return f"{address}{SIGN_IN_PATH}?token={secret} (it works once, within three days, and makes you an owner)"


def _reachable(settings: Settings) -> str:
    """Return a name under which a browser finds the server: not that of all addresses."""
    if settings.allowed_hosts:
        return settings.allowed_hosts[0]
    try:
        return "127.0.0.1" if ipaddress.ip_address(settings.host).is_unspecified else settings.host
    except ValueError:
        return settings.host
