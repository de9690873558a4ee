"""An OpenID Connect provider (Entra ID, Google, Keycloak …), spoken to through Authlib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.responses import Response

from app.errors import Unauthorized, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from app.people.people import Role

_NAME = "provider"
_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for."""

    subject: str
    name: str
    role: Role


class IdentityProvider:
    """One provider; `members` are addresses or `@domain`s that may come in (without any, all), `owners` run it."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, *, owners: Collection[str], members: Collection[str]
    ) -> None:
        self._owners = {_folded(each) for each in owners}
        self._members = {_folded(each) for each in members}
        self._issuer = issuer.rstrip("/")
        oauth = OAuth()
        oauth.register(
            _NAME,
            client_id=client_id,
            client_secret=client_secret,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": _SECONDS},
        )
        self._client: Any = oauth.create_client(_NAME)

    async def redirect(self, request: Request, callback: str) -> Response:
        """Send the browser to the provider; raises `UpstreamFailed` when that does not answer."""
        try:
            response: Response = await self._client.authorize_redirect(request, callback)
        except (httpx2.HTTPError, AuthlibBaseError, ValueError, KeyError, RuntimeError) as exc:
            raise UpstreamFailed(f"The sign-in service {self._issuer} does not answer as it should: {exc}") from exc
        return response

    async def identity(self, request: Request) -> Identity:
        """Return whom the provider sent back; raises `Unauthorized` and `UpstreamFailed`."""
        try:
            token = await self._client.authorize_access_token(request)
            claims: dict[str, Any] = token["userinfo"]
        except (AuthlibBaseError, JoseError, KeyError) as exc:
            raise Unauthorized("The sign-in was not completed, or took too long. Try again.") from exc
        except (httpx2.HTTPError, ValueError, RuntimeError) as exc:
            raise UpstreamFailed(f"The sign-in service {self._issuer} does not answer as it should: {exc}") from exc
        return self._known(claims)

    def _known(self, claims: dict[str, Any]) -> Identity:
        address = _proven_address(claims)
        is_owner = address in self._owners
        if not is_owner and self._members and not self._members & {address, f"@{address.rpartition('@')[2]}"}:
            why = "" if address else " It has no address that the sign-in service has verified."
            raise Unauthorized(f"{address or 'This account'} may not use this server.{why} Ask its owner to be let in.")
        name = str(claims.get("name") or address or claims.get("preferred_username") or "Somebody")
        return Identity(f"{claims['iss']}|{claims['sub']}", name, "owner" if is_owner else "member")


def _proven_address(claims: dict[str, Any]) -> str:
    """Return the address that decides about rights; none where the provider says that it did not verify it.

    Elsewhere people write any address, and any name for signing in, into their account. Entra ID says nothing about
    it: there an organisation gives its people their names.
    """
    if claims.get("email_verified", True) not in (True, "true"):
        return ""
    return _folded(str(claims.get("email") or claims.get("preferred_username") or ""))


def _folded(address: str) -> str:
    """Return an address in small letters; other letters than ASCII's stay, since some of them become ASCII."""
    return address.lower() if address.isascii() else address
