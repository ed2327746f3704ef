"""One PostgreSQL for a test run; in it one database for each worker, cloned from a migrated template.

DATABASE_URL is ignored: a test run must never meet a database that matters.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from scheduler.local import postgres

TEMPLATE = "greenroom_template"
UNFINISHED_TEMPLATE = "greenroom_template_unfinished"
TEMPLATE_LOCK = 1  # an advisory lock of the server's own database

# TRUNCATE takes a millisecond a table, and most tests fill few: empty only those.
CLEAN = """
CREATE FUNCTION pg_temp.clean() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    candidate regclass;
    is_filled boolean;
    filled text[] := '{}';
    used_sequence regclass;
BEGIN
    PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    AND usename = current_user;  -- not the server's own, which nobody but a superuser may end
    FOR candidate IN
        SELECT oid::regclass FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', candidate) INTO is_filled;
        IF is_filled THEN
            filled := filled || candidate::text;
        END IF;
    END LOOP;
    IF filled <> '{}' THEN
        EXECUTE format('TRUNCATE %s CASCADE', array_to_string(filled, ', '));
    END IF;
    -- A row that was rolled back has used up a number, too.
    FOR used_sequence IN
        SELECT format('%I.%I', schemaname, sequencename)::regclass FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', used_sequence);
    END LOOP;
END
$$
"""


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the URL of a server that forgets everything at the end, and ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-tests-"))
    folder.chmod(0o711)  # PostgreSQL walks through it as somebody else when we are root
    server = postgres.start(folder, durable=False)
    try:
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(folder)


def migrated_template(server_url: str) -> None:
    """Make the template database, unless another worker of this run has made it."""
    with _connection(server_url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE])
        if known.fetchone() is not None:
            return
        from scheduler.models.migrate import upgrade

        _create_database(connection, UNFINISHED_TEMPLATE, template="template1")
        upgrade(_database_url(server_url, UNFINISHED_TEMPLATE))
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(
            rename.format(sql.Identifier(UNFINISHED_TEMPLATE), sql.Identifier(TEMPLATE))
        )


def migrated_database(server_url: str, name: str) -> str:
    """Return the URL of a new database `name` with every migration applied and no rows."""
    migrated_template(server_url)
    with _connection(server_url) as connection:
        _create_database(connection, name, template=TEMPLATE)
    return _database_url(server_url, name)


def empty_database(server_url: str, name: str) -> str:
    """Return the URL of a new database `name` with nothing in it, for tests of migrations."""
    with _connection(server_url) as connection:
        _create_database(connection, name, template="template1")
    return _database_url(server_url, name)


@contextmanager
def cleaner(database_url: str) -> Iterator[psycopg.Connection[object]]:
    """Yield a connection for `clean`, kept open since connecting costs more than cleaning."""
    with _connection(database_url) as connection:
        connection.execute(CLEAN)
        yield connection


def clean(connection: psycopg.Connection[object]) -> None:
    """Remove every row and begin every sequence anew; transactions that were left open are ended."""
    connection.execute("SELECT pg_temp.clean()")


def _create_database(connection: psycopg.Connection[object], name: str, *, template: str) -> None:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    connection.execute(drop.format(sql.Identifier(name)))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    connection.execute(create.format(sql.Identifier(name), sql.Identifier(template)))


def _database_url(server_url: str, name: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def _connection(url: str) -> psycopg.Connection[object]:
    plain = urlsplit(url)._replace(scheme="postgresql").geturl()
    return psycopg.connect(plain, autocommit=True)
