"""The migrations, up and down, with rows in the tables."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from scheduler.models import (  # noqa: F401
    audit,
    bookings,
    calendar,
    candidates,
    mail,
    migrate,
    people,
    plans,
    probes,
    rooms,
    scheduling,
)
from scheduler.models.base import Base

DANA_OF_0002 = """
INSERT INTO interviewer (id, email, name, title, zone, max_per_day, max_per_week, buffer_before, buffer_after, created_at)
VALUES (1, 'dana@northwind.example', 'Dana', '', 'Europe/Berlin', 2, 6, '0', '0', now());
"""
DANA_NOW = """
INSERT INTO interviewer (id, email, name, title, zone, max_per_day, max_per_week, buffer_before, buffer_after, holiday_country, created_at)
VALUES (1, 'dana@northwind.example', 'Dana', '', 'Europe/Berlin', 2, 6, '0', '0', 'DE', now());
"""
POOL = """
INSERT INTO interviewer_pool (id, name, created_at) VALUES (1, 'Coding', now());
INSERT INTO pool_membership VALUES (1, 1, 'trained');
INSERT INTO audit_entry (recorded_at, actor, action, object_type, object_id, detail)
VALUES (now(), 'greenroom', 'make_pool', 'interviewer_pool', '1', '{}');
"""
A_PLAN = """
INSERT INTO job_role (id, title, team, created_at) VALUES (1, 'Engineer', '', now());
INSERT INTO stage (id, job_role_id, position, title, public_title, public_notes, location,
    attendance, call_grouping, strategy, shortest_gap, longest_gap)
VALUES (1, 1, 0, 'Screen', 'Talk', '', '', 'video', 'per_interview', 'candidate_event', '0', '1 hour');
INSERT INTO planned_interview (id, stage_id, position, title, focus, length)
VALUES (1, 1, 0, 'Coding', '', '45 minutes');
INSERT INTO seat_rule (id, planned_interview_id, position, kind, pool_id) VALUES (1, 1, 0, 'lead', 1);
"""
SEATS_OF_THE_NEW_KIND = """
INSERT INTO interviewer_pool (id, name, created_at) VALUES (50, 'Design', now());
INSERT INTO seat_rule (id, planned_interview_id, position, kind, is_optional)
VALUES (2, 1, 1, 'second', true), (3, 1, 2, 'shadow', false);
INSERT INTO seat_rule_pool (seat_rule_id, pool_id) VALUES (2, 1), (2, 50);
INSERT INTO seat_rule_person (seat_rule_id, interviewer_id) VALUES (3, 1);
SELECT setval('interviewer_pool_id_seq', 50);
"""

A_BOOKING_OF_0005 = """
INSERT INTO app_user (id, issuer, subject, email, name, phone, zone, role, created_at)
VALUES (1, 'i', 's', 'priya@northwind.example', 'Priya', '', 'UTC', 'recruiter', now());
INSERT INTO job_role (id, title, team, created_at) VALUES (1, 'Engineer', '', now());
INSERT INTO stage (id, job_role_id, position, title, public_title, public_notes, location,
    attendance, call_grouping, strategy, shortest_gap, longest_gap, interview_order, most_days,
    people_repeat)
VALUES (1, 1, 0, 'Visit', 'Visit', '', '', 'onsite', 'per_interview', 'candidate_event', '0',
    '1 hour', 'fixed', 1, false);
INSERT INTO planned_interview (id, stage_id, position, title, focus, length)
VALUES (1, 1, 0, 'Coding', '', '45 minutes');
INSERT INTO candidate (id, name, zone, resume_url, created_at) VALUES (1, 'Ada', 'UTC', '', now());
INSERT INTO application (id, candidate_id, job_role_id, stage_id, recruiter_id, scorecard_url,
    extra_time, shortest_gap, created_at) VALUES (1, 1, 1, 1, 1, '', '0', '0', now());
INSERT INTO invite (id, application_id, stage_id, token_hash, token_sealed, expires_at, created_at)
VALUES (1, 1, 1, 'h', 's', now(), now());
INSERT INTO booking (id, invite_id, application_id, stage_id, state, zone, call_grouping, strategy,
    desired_revision, applied_revision, candidate_revision, attempts, next_attempt_at, attention,
    attention_detail, created_at)
VALUES (1, 1, 1, 1, 'booked', 'UTC', 'per_interview', 'candidate_event', 1, 1, 1, 0, now(),
    'candidate_declined', '', now());
INSERT INTO call (id, booking_id, number, state, loop_day, calendar_id, candidate_event_id,
    keeper_event_id, conference_request_id, conference_tries, conference_id, join_url,
    candidate_ical_uid, candidate_rsvp, link_by_hand)
VALUES ('9b2a3f64-5f0e-4c39-9ab0-1f1b5a6c7d8e', 1, 0, 'live', '2026-11-23', 'c', 'e', 'k', 'r', 1,
    '', '', '', 'needsAction', '');
INSERT INTO interview (id, booking_id, call_id, position, title, focus, during, calendar_id, event_id)
VALUES (1, 1, '9b2a3f64-5f0e-4c39-9ab0-1f1b5a6c7d8e', 0, 'Coding', '',
    '[2026-11-23 10:00+00,2026-11-23 10:45+00)', 'c', 'i');
"""
ROOMS = """
INSERT INTO room (id, name, site, email, created_at)
VALUES (1, 'Aurora', 'Berlin', 'aurora@resource.example', now());
INSERT INTO room_calendar (room_id, covers, busy, version, read_at)
VALUES (1, '[2026-11-23,2026-11-30)', '[]', 'v', now());
INSERT INTO planned_interview_room VALUES (1, 1);
INSERT INTO interview_room (interview_id, room_id, during, rsvp, taken_at)
VALUES (1, 1, '[2026-11-23 10:00+00,2026-11-23 10:45+00)', 'declined', now());
UPDATE booking SET attention = 'room_declined';
"""


@pytest.fixture
def empty_database(database_server: str) -> Iterator[str]:
    """The URL of a database without any table."""
    url = make_url(database_server)
    name = f"migrations_{secrets.token_hex(4)}"
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield url.set(database=name).render_as_string(hide_password=False)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_tables_are_what_the_models_say(empty_database: str) -> None:
    migrate.upgrade(empty_database)

    with create_engine(empty_database).connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = [each for each in differences if "procrastinate" not in str(each)]
    assert ours == []


def test_down_and_up_again_leaves_nothing_behind_and_nothing_out(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    engine = create_engine(empty_database)
    before = tables(empty_database)
    with engine.begin() as connection:
        connection.execute(text(DANA_NOW + POOL))

    migrate.downgrade(empty_database, "base")
    assert tables(empty_database) == {"alembic_version"}
    migrate.upgrade(empty_database)
    assert tables(empty_database) == before


def test_the_queue_can_go_and_come_without_touching_our_rows(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    with create_engine(empty_database).begin() as connection:
        connection.execute(text(DANA_NOW + POOL))

    migrate.downgrade(empty_database, "0001")
    migrate.upgrade(empty_database)

    with create_engine(empty_database).connect() as connection:
        assert connection.scalar(text("SELECT name FROM interviewer")) == "Dana"
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_plans_from_before_keep_their_pools_and_named_people_become_one(
    empty_database: str,
) -> None:
    migrate.upgrade(empty_database)
    migrate.downgrade(empty_database, "0002")
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text(DANA_OF_0002 + POOL + A_PLAN))

    migrate.upgrade(empty_database)
    with engine.begin() as connection:
        pools = connection.execute(text("SELECT seat_rule_id, pool_id FROM seat_rule_pool"))
        assert pools.all() == [(1, 1)]
        interviewer = "SELECT comfortable_from::text, holiday_country FROM interviewer"
        assert connection.execute(text(interviewer)).one() == ("10:00:00", "")
        stage = "SELECT interview_order, most_days, people_repeat, lunch_length FROM stage"
        assert connection.execute(text(stage)).one() == ("fixed", 1, False, None)
        connection.execute(text(SEATS_OF_THE_NEW_KIND))
        connection.execute(text("UPDATE stage SET most_days = 2, people_repeat = true"))

    migrate.downgrade(empty_database, "0002")
    with engine.connect() as connection:
        seats = connection.execute(
            text(
                "SELECT seat_rule.id, pool.name, standing FROM seat_rule "
                "JOIN interviewer_pool pool ON pool.id = pool_id "
                "LEFT JOIN pool_membership USING (pool_id) ORDER BY seat_rule.id"
            )
        )
        assert seats.all() == [
            (1, "Coding", "trained"),
            (2, "Coding", "trained"),
            (3, "People named for seat 3", "training"),
        ]


def test_bookings_from_before_have_no_room_and_outlive_the_rooms(empty_database: str) -> None:
    migrate.upgrade(empty_database)
    migrate.downgrade(empty_database, "0005")
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text(A_BOOKING_OF_0005))

    migrate.upgrade(empty_database)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM interview_room")) == 0
        assert connection.scalar(text("SELECT attention FROM booking")) == "candidate_declined"
        words = "SELECT public_title, public_notes, location, attendance FROM booking"
        assert connection.execute(text(words)).one() == ("Visit", "", "", "onsite")
        connection.execute(text(ROOMS))

    migrate.downgrade(empty_database, "0005")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT title FROM interview")) == "Coding"
        assert connection.scalar(text("SELECT attention FROM booking")) is None
    migrate.upgrade(empty_database)
    assert "interview_room" in tables(empty_database)


def test_every_constraint_has_a_name_of_ours(database_url: str) -> None:
    with create_engine(database_url).connect() as connection:
        names = connection.scalars(
            text(
                "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
                "WHERE relnamespace = 'public'::regnamespace AND contype <> 'n' "
                "AND relname NOT LIKE 'procrastinate%' AND relname <> 'alembic_version'"
            )
        ).all()
    assert {name.partition("_")[0] for name in names} <= {"pk", "fk", "uq", "ck", "ex"}
    assert "ex_seat_one_place_at_a_time" in names


def tables(url: str) -> set[str]:
    return set(inspect(create_engine(url)).get_table_names())
