"""Every environment variable the program reads, typed and documented once."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.limits import Limits
from app.loopback import is_loopback

ROOT = Path(__file__).resolve().parent.parent

_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

_OPEN = (
    "{host} can be reached by others, so people must sign in. Set SIGN_IN=link (a link is printed at the start), "
    "SIGN_IN=password with PLAYGROUND_PASSWORD, or SIGN_IN=oidc with OIDC_ISSUER; or listen on 127.0.0.1"
)

SandboxChoice = Literal["auto", "namespaces", "uid", "landlock", "wasm", "off", "unsafe"]


class Settings(BaseSettings):
    """The program's settings; each field's alias is the environment variable, empty values count as unset."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", populate_by_name=True)

    host: str = Field("127.0.0.1", alias="HOST", description="Address to listen on.")
    port: int = Field(8000, alias="PORT", ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(ROOT / "data", alias="DATA_DIR", description="Folder for the database, files and weights.")
    database_url: SecretStr | None = Field(
        None,
        alias="DATABASE_URL",
        description="`postgresql://USER:PASSWORD@HOST/NAME` or `sqlite:////path`; default: SQLite in the data folder.",
    )
    blob_store_url: str | None = Field(
        None,
        alias="BLOB_STORE_URL",
        description="Where uploaded files are kept: `s3://bucket/prefix`; default: the data folder.",
    )
    aws_endpoint_url: str | None = Field(
        None, alias="AWS_ENDPOINT_URL", description="Address of the S3-compatible service, when it is not Amazon's."
    )
    aws_region: str | None = Field(None, alias="AWS_REGION", description="The bucket's region; unset: `us-east-1`.")
    aws_access_key_id: str | None = Field(
        None,
        alias="AWS_ACCESS_KEY_ID",
        description="Its access key; without one the role of the machine or container is used.",
    )
    aws_secret_access_key: SecretStr | None = Field(
        None, alias="AWS_SECRET_ACCESS_KEY", description="The access key's secret."
    )
    aws_session_token: SecretStr | None = Field(
        None, alias="AWS_SESSION_TOKEN", description="The token of temporary credentials."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", alias="LOG_LEVEL", description="How much the server writes to its log."
    )
    log_format: Literal["text", "json"] = Field(
        "text", alias="LOG_FORMAT", description="How its lines look: `text` for people, `json` for programs."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="ALLOWED_HOSTS", description="Further host names the page may be reached under, comma separated."
    )

    sign_in: Literal["off", "link", "password", "oidc"] = Field(
        "off",
        alias="SIGN_IN",
        description="How people come in where others can reach the server: `link` (printed at the start), `password`, "
        "`oidc`.",
    )
    playground_password: SecretStr | None = Field(
        None, alias="PLAYGROUND_PASSWORD", min_length=8, description="The shared password of `SIGN_IN=password`."
    )
    oidc_issuer: str | None = Field(
        None,
        alias="OIDC_ISSUER",
        description="The identity provider of `SIGN_IN=oidc`, such as `https://login.microsoftonline.com/TENANT/v2.0`.",
    )
    oidc_client_id: str | None = Field(None, alias="OIDC_CLIENT_ID", description="This server's id there.")
    oidc_client_secret: SecretStr | None = Field(
        None, alias="OIDC_CLIENT_SECRET", description="This server's secret there."
    )
    oidc_owners: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="OIDC_OWNERS", description="Addresses of those who run the server, comma separated."
    )
    oidc_members: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="OIDC_MEMBERS", description="Addresses or `@domain`s that may come in; unset: all accounts there."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="TRUSTED_PROXIES", description="Addresses of proxies whose `X-Forwarded-*` headers count."
    )

    playground_api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), alias="PLAYGROUND_API_KEYS", description="Keys that programs must send, comma separated; unset: any key."
    )
    default_model: str | None = Field(
        None, alias="DEFAULT_MODEL", description="Model that serves names which no provider offers."
    )
    strict_models: bool = Field(
        False, alias="STRICT_MODELS", description="Refuse unknown model names, as the hosted services do."
    )

    openai_api_key: SecretStr | None = Field(
        None, alias="OPENAI_API_KEY", description="Key of an OpenAI-compatible API."
    )
    openai_base_url: str | None = Field(
        None, alias="OPENAI_BASE_URL", description="Its base URL, when it is not OpenAI's own."
    )
    azure_openai_endpoint: str | None = Field(
        None, alias="AZURE_OPENAI_ENDPOINT", description="Azure OpenAI resource, https://NAME.openai.azure.com."
    )
    azure_openai_api_key: SecretStr | None = Field(
        None, alias="AZURE_OPENAI_API_KEY", description="Its key; unset: Entra ID through DefaultAzureCredential."
    )
    azure_openai_deployment_name: Annotated[tuple[str, ...], NoDecode] = Field(
        (), alias="AZURE_OPENAI_DEPLOYMENT_NAME", description="Its deployments, comma separated."
    )
    openai_api_version: str = Field(
        "2024-10-21", alias="OPENAI_API_VERSION", description="api-version of the Azure OpenAI calls."
    )
    ollama_base_url: str = Field(
        "http://127.0.0.1:11434/v1", alias="OLLAMA_BASE_URL", description="Where Ollama is looked for; `off`: nowhere."
    )

    most_runs: int = Field(
        256,
        alias="MOST_RUNS",
        ge=1,
        le=10_000,
        description="Runs carried out at once; more wait, and people take turns.",
    )
    person_runs: int = Field(0, alias="PERSON_RUNS", ge=0, description="Runs at once for each person; 0: no limit.")
    person_runs_per_minute: int = Field(
        0, alias="PERSON_RUNS_PER_MINUTE", ge=0, le=100_000, description="Runs a minute for each person; 0: no limit."
    )
    person_storage_mb: int = Field(
        0, alias="PERSON_STORAGE_MB", ge=0, description="Storage of each person's files in MB; 0: no limit."
    )
    person_upload_mb: int = Field(
        0, alias="PERSON_UPLOAD_MB", ge=0, description="Largest upload in MB; 0: 512, which is the most there is."
    )

    model_context_tokens: int | None = Field(
        None,
        alias="MODEL_CONTEXT_TOKENS",
        ge=1024,
        description="Context window of configured models; unset: 128000 for OpenAI and Azure, 8192 for Ollama.",
    )

    prompt_days: float = Field(
        30.0, alias="PROMPT_DAYS", ge=0, description="Days for which a run's prompt view is kept; 0: not at all."
    )

    builtin_model: str = Field(
        "auto",
        alias="BUILTIN_MODEL",
        description="The built-in model: `auto`, `off`, a GGUF file's path, or `hf:owner/repo/file`.",
    )
    builtin_model_tools: Literal["guided", "native"] = Field(
        "guided",
        alias="BUILTIN_MODEL_TOOLS",
        description="How it calls tools: `guided` for small models, `native` for larger GGUF files that master them.",
    )
    builtin_model_idle_minutes: float = Field(
        15.0, alias="BUILTIN_MODEL_IDLE_MINUTES", gt=0, description="Idle time after which it is unloaded."
    )
    builtin_model_threads: int = Field(
        0, alias="BUILTIN_MODEL_THREADS", ge=0, description="Its threads; 0: as many as there are cores, at most 8."
    )

    embeddings: Literal["auto", "on", "off"] = Field(
        "auto",
        alias="EMBEDDINGS",
        description="Search files by meaning too, with a small model (100 MB to fetch); `auto`: unless "
        "`BUILTIN_MODEL=off`.",
    )
    embedding_model: str | None = Field(
        None,
        alias="EMBEDDING_MODEL",
        description="Embedding model (on Azure: deployment) of the first configured provider, used instead of the "
        "small one.",
    )

    connections_file: Path | None = Field(
        None, alias="CONNECTIONS_FILE", description="TOML file with further connections; unset: those made on the page."
    )
    prices_file: Path | None = Field(
        None, alias="PRICES_FILE", description="JSON or TOML file with prices of models; unset: tokens without cost."
    )
    log_programs: bool = Field(
        True, alias="LOG_PROGRAMS", description="Show the calls of programs in the logs; `off`: only the page's own."
    )
    log_entries: int = Field(20_000, alias="LOG_ENTRIES", ge=100, description="Entries of the logs that are kept.")
    log_days: float = Field(14.0, alias="LOG_DAYS", gt=0, description="Days for which they are kept.")

    sandbox: SandboxChoice = Field("auto", alias="SANDBOX", description="Tier of the code interpreter's sandbox.")
    sandbox_unsafe: Literal["", "i-know-what-this-means"] = Field(
        "", alias="SANDBOX_UNSAFE", description="`i-know-what-this-means` lets `SANDBOX=unsafe` run code unconfined."
    )
    sandbox_python: Path = Field(
        ROOT / ".venv-sandbox" / "bin" / "python",
        alias="SANDBOX_PYTHON",
        description="Python of the sandbox's own environment.",
    )
    sandbox_wasm_python: Path = Field(
        ROOT / ".venv-wasm" / "bin" / "python",
        alias="SANDBOX_WASM_PYTHON",
        description="Python of the optional environment that `make install-wasm` makes.",
    )
    sandbox_memory_mb: int = Field(1536, alias="SANDBOX_MEMORY_MB", ge=128, description="Memory of one session.")
    sandbox_cell_seconds: float = Field(60.0, alias="SANDBOX_CELL_SECONDS", gt=0, description="Time of one cell.")

    @field_validator(
        "allowed_hosts",
        "playground_api_keys",
        "azure_openai_deployment_name",
        "oidc_owners",
        "oidc_members",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each, strict=False)
            except ValueError as exc:
                raise ValueError(f"'{each}' is no address or network, such as 10.0.0.2 or 10.0.0.0/24") from exc
        return value

    @field_validator("database_url")
    @classmethod
    def _names_its_driver(cls, value: SecretStr | None) -> SecretStr | None:
        scheme, separator, rest = (value.get_secret_value() if value else "sqlite://").partition("://")
        if not separator or scheme not in _DRIVERS:
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value and SecretStr(f"{_DRIVERS[scheme]}://{rest}")

    @model_validator(mode="after")
    def _lets_nobody_in_unasked(self) -> Self:
        """Refuse an address that others can reach without sign-in, and a sign-in that lacks what it needs."""
        if self.sign_in == "off" and not is_loopback(self.host):
            raise ValueError(_OPEN.format(host=self.host))
        if self.sign_in == "password" and self.playground_password is None:
            raise ValueError("SIGN_IN=password needs PLAYGROUND_PASSWORD, of eight characters or more")
        if self.sign_in == "oidc" and not (self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret):
            raise ValueError("SIGN_IN=oidc needs OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database in force."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.absolute() / 'playground.db'}"

    @property
    def limits(self) -> Limits:
        """What each person may take, unless owners say otherwise on the page."""
        return Limits(
            runs_at_once=self.person_runs or None,
            runs_per_minute=self.person_runs_per_minute or None,
            storage_mb=self.person_storage_mb or None,
            upload_mb=self.person_upload_mb or None,
        )

    @property
    def blob_dir(self) -> Path:
        """The folder of stored files' bytes."""
        return self.data_dir / "files"
