"""An OpenID Connect provider that signs everybody in as one person: discovery, code flow with PKCE, signed tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Form, Header, HTTPException, Query
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "playground"
CLIENT_SECRET = "secret-of-the-client"

Json = dict[str, Any]


@dataclass(slots=True)
class IdentityProvider:
    """The application, who signs in, and what is wrong with what it says."""

    issuer: str = ""
    claims: Json = field(default_factory=lambda: {"sub": "1", "name": "Ada", "email": "ada@example.org"})
    wrong_claims: Json = field(default_factory=dict)
    """What the token says instead of what is right, such as another nonce."""
    state_suffix: str = ""
    signing_key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    published_key: RSAKey | None = None
    """The key that is told, where it is not the one that signs."""
    app: FastAPI = field(default_factory=FastAPI)
    _asked: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app.get("/.well-known/openid-configuration")(self._discover)
        self.app.get("/jwks")(self._keys)
        self.app.get("/authorize")(self._authorize)
        self.app.post("/token")(self._token)

    async def _discover(self) -> Json:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    async def _keys(self) -> Json:
        return {"keys": [(self.published_key or self.signing_key).as_dict(private=False)]}

    async def _authorize(
        self,
        client_id: str,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_challenge: str,
        code_challenge_method: str,
        scope: Annotated[str, Query(pattern="openid")],
    ) -> RedirectResponse:
        """Let the one person in without asking."""
        if (client_id, code_challenge_method) != (CLIENT_ID, "S256"):
            raise HTTPException(400, f"unknown client, or no PKCE, for {scope}")
        code = secrets.token_urlsafe(16)
        self._asked[code] = {"nonce": nonce, "challenge": code_challenge, "redirect_uri": redirect_uri}
        return RedirectResponse(f"{redirect_uri}?code={code}&state={state}{self.state_suffix}", 302)

    async def _token(
        self,
        code: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> Json:
        """Exchange a code once, for who proves to have asked for it."""
        asked = self._asked.pop(code, None)
        client = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        proof = {"challenge": challenge, "redirect_uri": redirect_uri}
        if asked is None or authorization != f"Basic {client}" or not proof.items() <= asked.items():
            raise HTTPException(400, "invalid_grant")
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = jwt.encode(
            {"alg": "RS256", "kid": "one"}, {**right, **self.claims, **self.wrong_claims}, self.signing_key
        )
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token}
