"""Bring a database to a revision of our migrations, procrastinate's schema included."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

PACKAGE = Path(__file__).resolve().parent.parent


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` (postgresql+psycopg://…) up to `revision`."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the database at `url` down to `revision`; "base" empties it."""
    command.downgrade(_config(url), revision)


def is_current(url: str) -> bool:
    """Say whether the database at `url` is at our newest revision."""
    newest = ScriptDirectory.from_config(_config(url)).get_current_head()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _config(url: str) -> Config:
    config = Config()
    # Beside the package in a checkout, inside it in the wheel.
    beside, inside = PACKAGE.parent / "migrations", PACKAGE / "migrations"
    config.set_main_option("script_location", str(beside if beside.is_dir() else inside))
    config.attributes["url"] = url
    return config
