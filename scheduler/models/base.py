"""What every model shares: instants, spans, zones, enums by value, named constraints, kind refusals."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Enum, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, registry

from scheduler.domain.timespan import TimeSpan


class Instant(TypeDecorator[datetime]):
    """An aware datetime, UTC when read; naive values are refused rather than guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        # PostgreSQL would take a naive value too, as local time of whoever is connected.
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"naive datetime {value!r}")
        return value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class Span(TypeDecorator[TimeSpan]):
    """A TimeSpan as a half-open `tstzrange`, so that the database can compare spans."""

    impl = TSTZRANGE
    cache_ok = True

    def process_bind_param(self, value: TimeSpan | None, dialect: Any) -> Range[datetime] | None:
        return None if value is None else Range(value.start, value.end, bounds="[)")

    def process_result_value(self, value: Any, dialect: Any) -> TimeSpan | None:
        return None if value is None else TimeSpan(value.lower, value.upper)


class Zone(TypeDecorator[ZoneInfo]):
    """A time zone by its IANA name."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: ZoneInfo | None, dialect: Any) -> str | None:
        return None if value is None else value.key

    def process_result_value(self, value: str | None, dialect: Any) -> ZoneInfo | None:
        return None if value is None else ZoneInfo(value)


class Base(DeclarativeBase):
    # On the registry, because Flask-SQLAlchemy derives a second base from this one and
    # SQLAlchemy refuses a `type_annotation_map` attribute on a base that has a registry.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: Instant,
            TimeSpan: Span,
            ZoneInfo: Zone,
            # Store "booked", not "BOOKED", so that SQL predicates read like the Python.
            enum.Enum: Enum(
                enum.Enum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=lambda members: [member.value for member in members],
            ),
        },
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


EXCLUSION_VIOLATION, DEADLOCK, SERIALIZATION_FAILURE = "23P01", "40P01", "40001"


@contextmanager
def refusing(meanings: Mapping[str, type[Exception]]) -> Iterator[None]:
    """Raise our own word for it when PostgreSQL refuses a write for a reason we know.

    Keys are constraint names. The key "contention" stands for a deadlock or a serialization
    failure: somebody else was faster. A refusal for any other reason is a bug and stays one.
    """
    try:
        yield
    except (IntegrityError, OperationalError) as refusal:
        db.session.rollback()
        meaning = meanings.get(_reason(refusal))
        if meaning is None:
            raise
        raise meaning from refusal


def _reason(refusal: IntegrityError | OperationalError) -> str:
    if not isinstance(refusal.orig, psycopg.Error):
        return ""
    if refusal.orig.sqlstate in (DEADLOCK, SERIALIZATION_FAILURE):
        return "contention"
    return refusal.orig.diag.constraint_name or ""
