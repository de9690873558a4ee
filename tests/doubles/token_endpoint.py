"""The token endpoint that an App Service gives its managed identity: a double on real HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

SECRET = "identity-header"


class TokenEndpoint:
    """Gives out numbered tokens that live as long as is set."""

    def __init__(self) -> None:
        self.lifetime_seconds = 3600
        self.given: list[str] = []
        self.resources: list[str] = []

    def environment(self, url: str) -> dict[str, str]:
        """Return the variables by which azure-identity finds this endpoint."""
        return {"IDENTITY_ENDPOINT": f"{url}/msi/token", "IDENTITY_HEADER": SECRET}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        if headers.get(b"x-identity-header") != SECRET.encode():
            await JSONResponse({"message": "Who are you?"}, 401)(scope, receive, send)
            return
        self.resources.append(scope["query_string"].decode())
        self.given.append(f"token-{len(self.given) + 1}")
        expires = int(time.time()) + self.lifetime_seconds
        body = {"access_token": self.given[-1], "expires_on": str(expires), "token_type": "Bearer", "resource": "r"}
        await JSONResponse(body)(scope, receive, send)
