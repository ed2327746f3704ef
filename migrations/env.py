"""Runs the migrations on the database that `scheduler.models.migrate` names."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from scheduler.models import audit, bookings, calendar, candidates, mail, people, plans, probes  # noqa: F401
from scheduler.models.base import Base

# Two processes that start at once must not both migrate.
MIGRATION_LOCK = 7_100_001


def run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()


run()
