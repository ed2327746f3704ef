"""Everything the emulator remembers, in one SQLite file that survives a restart."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    email TEXT PRIMARY KEY, place INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calendar (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, is_primary INTEGER NOT NULL,
    change INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS acl (
    calendar_id TEXT NOT NULL, scope_type TEXT NOT NULL, scope_value TEXT NOT NULL, role TEXT NOT NULL,
    change INTEGER NOT NULL, PRIMARY KEY (calendar_id, scope_type, scope_value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS acl_by_scope ON acl (scope_type, scope_value);
CREATE TABLE IF NOT EXISTS listed (
    email TEXT NOT NULL, calendar_id TEXT NOT NULL, change INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL,
    PRIMARY KEY (email, calendar_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS user_setting (
    email TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, change INTEGER NOT NULL,
    PRIMARY KEY (email, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS membership (
    group_email TEXT NOT NULL, email TEXT NOT NULL,
    PRIMARY KEY (group_email, email)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS membership_by_email ON membership (email);
CREATE TABLE IF NOT EXISTS event (
    calendar_id TEXT NOT NULL, id TEXT NOT NULL, uid TEXT NOT NULL, master TEXT NOT NULL,
    status TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL,
    change INTEGER NOT NULL, updated TEXT NOT NULL, asked_at REAL, body TEXT NOT NULL,
    PRIMARY KEY (calendar_id, id));
CREATE INDEX IF NOT EXISTS event_starting ON event (calendar_id, starts, id);
CREATE INDEX IF NOT EXISTS event_ending ON event (calendar_id, ends, id);
CREATE INDEX IF NOT EXISTS event_by_change ON event (calendar_id, change);
CREATE INDEX IF NOT EXISTS event_by_update ON event (calendar_id, updated, id);
CREATE INDEX IF NOT EXISTS event_by_uid ON event (uid);
CREATE INDEX IF NOT EXISTS event_by_id ON event (id);
CREATE INDEX IF NOT EXISTS event_waiting ON event (asked_at) WHERE asked_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS extent (
    calendar_id TEXT NOT NULL, event_id TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    expanded_to INTEGER NOT NULL, PRIMARY KEY (calendar_id, event_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS extent_by_expansion ON extent (calendar_id, expanded_to);
CREATE TABLE IF NOT EXISTS occurrence (
    calendar_id TEXT NOT NULL, id TEXT NOT NULL, event_id TEXT NOT NULL, series TEXT NOT NULL,
    starts INTEGER NOT NULL, ends INTEGER NOT NULL, length INTEGER NOT NULL, low INTEGER NOT NULL,
    high INTEGER NOT NULL, status TEXT NOT NULL, is_busy INTEGER NOT NULL, change INTEGER NOT NULL,
    PRIMARY KEY (calendar_id, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS occurrence_by_event ON occurrence (calendar_id, event_id);
CREATE INDEX IF NOT EXISTS occurrence_by_start ON occurrence (calendar_id, starts, id);
CREATE INDEX IF NOT EXISTS occurrence_by_change ON occurrence (calendar_id, change, id);
CREATE INDEX IF NOT EXISTS occurrence_by_series ON occurrence (calendar_id, series, starts, id)
    WHERE series <> '';
CREATE INDEX IF NOT EXISTS occurrence_by_length ON occurrence (calendar_id, length);
CREATE INDEX IF NOT EXISTS busy_by_start ON occurrence (calendar_id, is_busy, starts, ends);
CREATE INDEX IF NOT EXISTS busy_by_length ON occurrence (calendar_id, is_busy, length);
CREATE TABLE IF NOT EXISTS tag (
    calendar_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (calendar_id, kind, name, value, event_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tag_by_event ON tag (calendar_id, event_id);
CREATE TABLE IF NOT EXISTS token (
    secret TEXT PRIMARY KEY, kind TEXT NOT NULL, email TEXT NOT NULL, scopes TEXT NOT NULL,
    expires_at REAL, grant_id TEXT NOT NULL, body TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_by_grant ON token (grant_id);
CREATE TABLE IF NOT EXISTS space (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, made_by TEXT NOT NULL,
    event_calendar TEXT, event_id TEXT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS presence (
    code TEXT NOT NULL, email TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (code, email)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conference_record (
    id TEXT PRIMARY KEY, space_id TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL);
CREATE INDEX IF NOT EXISTS conference_record_by_space ON conference_record (space_id);
CREATE TABLE IF NOT EXISTS participant_session (
    id TEXT PRIMARY KEY, record_id TEXT NOT NULL, email TEXT NOT NULL,
    started_at REAL NOT NULL, ended_at REAL);
CREATE INDEX IF NOT EXISTS participant_session_by_record ON participant_session (record_id, email);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, sender TEXT NOT NULL,
    subject TEXT NOT NULL, recipients TEXT NOT NULL, sent_at TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS mail_recipient (
    email TEXT NOT NULL, mail_id INTEGER NOT NULL, PRIMARY KEY (email, mail_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letter (mail_id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channel (
    id TEXT PRIMARY KEY, topic TEXT NOT NULL, email TEXT NOT NULL, resource_id TEXT NOT NULL,
    address TEXT NOT NULL, expires_at REAL NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS channel_by_topic ON channel (topic);
CREATE TABLE IF NOT EXISTS rung (topic TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, headers TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS service_account (
    email TEXT PRIMARY KEY, public_key TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token_creator (
    service_account TEXT NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY (service_account, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consent (
    email TEXT PRIMARY KEY, scopes TEXT NOT NULL, is_offline INTEGER NOT NULL);
"""

TABLES = (
    "setting", "account", "calendar", "acl", "listed", "user_setting", "membership", "event",
    "extent", "occurrence", "tag", "token", "space", "presence", "conference_record",
    "participant_session", "mail", "mail_recipient", "letter", "channel", "rung", "notice",
    "service_account", "token_creator", "consent",
)  # fmt: skip


_VERSION = zlib.crc32(SCHEMA.encode()) >> 1
"""Which tables a file has; kept in it, and another one with every change of them."""


class OtherVersion(Exception):
    """The file was written by an emulator with other tables."""


class Store:
    """One SQLite connection shared by all threads; a lock makes every request one transaction."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(self._checked_schema())

    def _checked_schema(self) -> str:
        """Return what makes the tables; what a file of another version says could not be relied on."""
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        is_new = self._connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if not is_new and version != _VERSION:
            self._connection.close()
            raise OtherVersion
        return f"{SCHEMA}PRAGMA user_version = {_VERSION};"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store for one rule: all of it is kept, or none; a nested one joins the outer."""
        with self._lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement and return the number of rows it touched."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def run_for_each(self, sql: str, rows: Iterable[Sequence[Any] | Mapping[str, Any]]) -> None:
        """Execute one statement for each row of values."""
        with self._lock:
            self._connection.executemany(sql, rows)

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return every row of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def tuples(self, sql: str, *values: Any) -> list[Any]:
        """Return every row of a query as a plain tuple: for many rows of which nobody asks names."""
        with self._lock:
            cursor = self._connection.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row of a query, if there is one."""
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def setting(self, name: str, default: str = "") -> str:
        """Return a remembered value."""
        row = self.one("SELECT value FROM setting WHERE name = ?", name)
        return str(row["value"]) if row else default

    def remember(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def secret(self, name: str) -> bytes:
        """Return this store's own random key for one purpose, made on first use."""
        with self.transaction():
            value = self.setting(name)
            if not value:
                value = secrets.token_hex(32)
                self.remember(name, value)
        return bytes.fromhex(value)

    def is_empty(self) -> bool:
        """Say whether nobody lives here yet."""
        return self.one("SELECT 1 FROM account LIMIT 1") is None

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - a name of ours

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def dumps(value: Any) -> str:
    """Write JSON compactly, in one stable order."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
