"""The database's schema and its history; migrations run when the program starts."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from app.errors import InvalidRequest


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to the schema of that revision, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def revision(engine: Engine) -> str | None:
    """Return the revision of the database's schema, or None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(url: str) -> tuple[str | None, str | None]:
    """Bring the database of that URL to the newest schema; return its revisions before and after."""
    engine = create_engine(url)
    try:
        before = revision(engine)
        upgrade(engine)
        return before, revision(engine)
    except (SQLAlchemyError, CommandError) as exc:
        shown = engine.url.render_as_string(hide_password=True)
        raise InvalidRequest(f"The database {shown} can't be migrated: {exc}") from exc
    finally:
        engine.dispose()
