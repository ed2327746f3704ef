"""The fixtures' own promise: every test begins with an empty database, whatever the last one did."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests import database

Rows = psycopg.Connection[tuple[object, ...]]


def test_cleaning_removes_rows_in_whatever_order_they_refer_to_each_other(
    scratch: Rows, cleaner: psycopg.Connection[object]
) -> None:
    scratch.execute("INSERT INTO role DEFAULT VALUES")
    scratch.execute("INSERT INTO stage (role_id) VALUES (1), (1)")

    database.clean(cleaner)

    assert count(scratch, "role") == count(scratch, "stage") == 0


def test_cleaning_begins_numbers_anew_also_after_a_rollback(
    scratch: Rows, cleaner: psycopg.Connection[object]
) -> None:
    with scratch.transaction(force_rollback=True):
        scratch.execute("INSERT INTO role DEFAULT VALUES")

    database.clean(cleaner)

    assert scratch.execute("INSERT INTO role DEFAULT VALUES RETURNING id").fetchone() == (1,)


def test_cleaning_ends_a_transaction_that_a_test_forgot(
    scratch: Rows, cleaner: psycopg.Connection[object]
) -> None:
    scratch.execute("BEGIN")
    scratch.execute("INSERT INTO role DEFAULT VALUES")

    database.clean(cleaner)

    with pytest.raises(psycopg.OperationalError):
        scratch.execute("COMMIT")


def test_cleaning_keeps_the_schema_version(
    scratch: Rows, cleaner: psycopg.Connection[object]
) -> None:
    scratch.execute("INSERT INTO alembic_version VALUES ('head')")

    database.clean(cleaner)

    assert count(scratch, "alembic_version") == 1


def test_the_role_of_the_application_is_no_superuser(scratch: Rows) -> None:
    is_superuser = scratch.execute("SELECT current_setting('is_superuser')").fetchone()

    assert is_superuser == ("off",)


def test_every_worker_gets_a_migrated_database_without_rows(database_url: str) -> None:
    plain = database_url.replace("+psycopg", "", 1)
    with psycopg.connect(plain) as connection:
        tables = connection.execute("SELECT count(*) FROM alembic_version").fetchone()

    assert tables == (1,)


def count(connection: Rows, table: str) -> object:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return row[0]


@pytest.fixture
def scratch_url(database_server: str, worker_id: str) -> str:
    return database.empty_database(database_server, f"scratch_{worker_id}")


@pytest.fixture
def scratch(scratch_url: str) -> Iterator[Rows]:
    plain = scratch_url.replace("+psycopg", "", 1)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("CREATE TABLE role (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
        connection.execute(
            "CREATE TABLE stage (id bigserial PRIMARY KEY, role_id bigint REFERENCES role)"
        )
        yield connection


@pytest.fixture
def cleaner(scratch_url: str) -> Iterator[psycopg.Connection[object]]:
    with database.cleaner(scratch_url) as connection:
        yield connection
