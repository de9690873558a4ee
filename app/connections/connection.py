"""What a connection is: a named service that speaks the Assistants API, and how to come in there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from app.errors import InvalidRequest

Kind = Literal["engine", "azure", "openai", "foundry", "compatible"]
Cloud = Literal["public", "government", "china"]

KIND_LABELS: Final[dict[Kind, str]] = {
    "engine": "In this server",
    "azure": "Azure OpenAI",
    "openai": "OpenAI",
    "foundry": "Foundry project (classic agents)",
    "compatible": "Another service",
}
OPENAI_URL: Final = "https://api.openai.com/v1"
AZURE_VERSION: Final = "2024-05-01-preview"
FOUNDRY_VERSION: Final = "v1"

AUTHORITIES: Final[dict[Cloud, str]] = {
    "public": "login.microsoftonline.com",
    "government": "login.microsoftonline.us",
    "china": "login.chinacloudapi.cn",
}
_ENDINGS: Final[dict[Cloud, str]] = {"public": "com", "government": "us", "china": "cn"}
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Connection:
    """A service that speaks the Assistants API; with an `api_version` it is spoken to in Azure's dialect."""

    name: str
    kind: Kind
    base_url: str
    api_version: str | None = None
    has_extensions: bool = False
    """Whether it is known to list and fork threads and edit messages, as our own API does."""
    api_key: str | None = field(default=None, repr=False)
    """The key; without one Entra ID lets in, where the service takes it."""
    organization: str | None = None
    project: str | None = None
    cloud: Cloud = "public"
    client_id: str | None = None
    """The user-assigned managed identity, where the machine has several."""
    token_scope: str | None = None
    deployments: tuple[str, ...] = ()
    """Deployments to offer, where the service can't list them."""
    is_fixed: bool = True
    """Whether settings name it; else an owner made it on the page."""

    @property
    def is_remote(self) -> bool:
        """Whether it is another service than the engine in this process."""
        return self.kind != "engine"

    @property
    def uses_entra(self) -> bool:
        """Whether tokens of Entra ID let in."""
        return self.kind == "foundry" or (self.kind == "azure" and not self.api_key)

    @property
    def scope(self) -> str:
        """What tokens are asked for."""
        host = "ai.azure" if self.kind == "foundry" else "cognitiveservices.azure"
        return self.token_scope or f"https://{host}.{_ENDINGS[self.cloud]}/.default"

    @property
    def host(self) -> str:
        """The service's host, for sentences."""
        return urlsplit(self.base_url).netloc or self.base_url

    @property
    def origin(self) -> str:
        """The service's scheme and host, as the start of an address."""
        address = urlsplit(self.base_url)
        return f"{address.scheme}://{address.netloc}/"


BUILT_IN: Final = Connection(
    "Built-in engine",
    kind="engine",
    base_url="http://localhost",
    api_version="2024-05-01-preview",
    has_extensions=True,
)


def checked(connection: Connection) -> Connection:
    """Return a connection that is complete; raises `InvalidRequest` with the field in `param`."""
    if not connection.name or len(connection.name) > _LONGEST_NAME or not connection.name.isprintable():
        raise InvalidRequest(f"Give the connection a name of 1 to {_LONGEST_NAME} characters.", param="name")
    if connection.name == BUILT_IN.name:
        raise InvalidRequest(f"'{BUILT_IN.name}' is the name of the engine in this server.", param="name")
    _check_address(connection)
    if connection.kind == "foundry" and connection.api_key:
        message = "A Foundry project takes no keys, only Entra ID. Leave the key out."
        raise InvalidRequest(message, param="api_key")
    if connection.kind == "openai" and not connection.api_key:
        raise InvalidRequest("OpenAI needs a key.", param="api_key")
    if connection.api_key and not (connection.api_key.isascii() and connection.api_key.isprintable()):
        raise InvalidRequest("The key has characters that no key has.", param="api_key")
    return connection


def _check_address(connection: Connection) -> None:
    address = urlsplit(connection.base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise InvalidRequest("The address must be a URL that begins with https:// or http://.", param="base_url")
    if address.query or address.fragment or address.username or address.password:
        message = "The address must have no query, no fragment and no password in it."
        raise InvalidRequest(message, param="base_url")
    if connection.kind == "foundry" and "/api/projects/" not in address.path:
        message = "The address of a Foundry project is https://NAME.services.ai.azure.com/api/projects/PROJECT."
        raise InvalidRequest(message, param="base_url")


def with_defaults(connection: Connection) -> tuple[str, str | None]:
    """Return base URL and api-version with what the kind says where they are missing."""
    base_url = connection.base_url.rstrip("/")
    match connection.kind:
        case "azure":
            return base_url.removesuffix("/openai"), connection.api_version or AZURE_VERSION
        case "foundry":
            return base_url, connection.api_version or FOUNDRY_VERSION
        case "openai":
            return base_url or OPENAI_URL, None
        case _:
            return base_url, connection.api_version
