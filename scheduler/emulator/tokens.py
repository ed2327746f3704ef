"""What the issuer has handed out and still stands for: codes, access tokens, refresh tokens."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scheduler.emulator import errors
from scheduler.emulator.scopes import full_names, joined
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

ACCESS_SECONDS = 3599
CODE_SECONDS = 600
REFRESH_TOKENS_KEPT = 100
"""Per account and client; one more "automatically invalidates the oldest refresh token without
warning" (Using OAuth 2.0 to access Google APIs)."""

_FORGOTTEN_AFTER = timedelta(days=1)
"""So long does the issuer still know that a code or token once was one."""

CODE, USED_CODE, ACCESS, REFRESH = "code", "used code", "access", "refresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A code or token. `grant_id` ties together all that came of one consent; "" ties nothing.

    `scopes` are full names. `body`: {"at": epoch seconds, …}, for codes what was asked, for access
    tokens of a service account that impersonates nobody {"bare": true}.
    """

    secret: str
    kind: str
    email: str
    scopes: frozenset[str]
    grant_id: str = ""
    expires_at: float | None = None
    body: dict[str, Any] = field(default_factory=dict)


def new_code() -> str:
    """Return an authorization code as Google's look."""
    return "4/0" + secrets.token_urlsafe(40)


def new_access_token() -> str:
    """Return an access token as Google's look."""
    return "ya29." + secrets.token_urlsafe(48)


def new_refresh_token() -> str:
    """Return a refresh token as Google's look."""
    return "1//0" + secrets.token_urlsafe(48)


def new_grant_id() -> str:
    """Return what ties the tokens of one consent together."""
    return secrets.token_hex(8)


def save(world: World, issued: Issued, *, seconds: int | None = None) -> None:
    """Keep a code or token, for so long; None is until it is revoked."""
    now = world.now().timestamp()
    with world.store.transaction():
        world.store.run(
            "DELETE FROM token WHERE expires_at < ?", now - _FORGOTTEN_AFTER.total_seconds()
        )
        world.store.run(
            "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?)",
            issued.secret,
            issued.kind,
            issued.email.lower(),
            joined(full_names(issued.scopes)),
            None if seconds is None else now + seconds,
            issued.grant_id,
            dumps({"at": now, **issued.body}),
        )
        if issued.kind == REFRESH:
            _drop_oldest(world, issued.email.lower())


def find(world: World, secret: str, *kinds: str) -> Issued | None:
    """Return a code or token of one of these kinds, expired or not."""
    row = world.store.one("SELECT * FROM token WHERE secret = ?", secret)
    return _issued(row) if row is not None and row["kind"] in kinds else None


def is_expired(world: World, issued: Issued) -> bool:
    """Say whether its time is over."""
    return issued.expires_at is not None and issued.expires_at <= world.now().timestamp()


def mark_used(world: World, code: Issued) -> None:
    """Remember that a code has been exchanged."""
    world.store.run("UPDATE token SET kind = ? WHERE secret = ?", USED_CODE, code.secret)


def delete(world: World, issued: Issued) -> None:
    """Forget one token."""
    world.store.run("DELETE FROM token WHERE secret = ?", issued.secret)


def delete_grant(world: World, grant_id: str) -> None:
    """Forget every token that came of one consent; its used code is remembered as such."""
    world.store.run(
        "DELETE FROM token WHERE grant_id = ? AND grant_id <> '' AND kind <> ?", grant_id, USED_CODE
    )


def delete_granted(world: World, email: str) -> None:
    """Forget every code and token that came of any consent of an account."""
    world.store.run("DELETE FROM token WHERE email = ? AND grant_id <> ''", email.lower())


def delete_all(world: World, email: str) -> None:
    """Forget every code and token of an account."""
    world.store.run("DELETE FROM token WHERE email = ?", email.lower())


def issue_access_token(
    world: World, email: str, scopes: Iterable[str], *, bare: bool = False
) -> str:
    """Return a new access token of no consent, good for an hour.

    `bare`: of a service account that impersonates nobody.
    """
    token = new_access_token()
    issued = Issued(
        secret=token,
        kind=ACCESS,
        email=email,
        scopes=frozenset(scopes),
        body={"bare": True} if bare else {},
    )
    save(world, issued, seconds=ACCESS_SECONDS)
    return token


def issue_refresh_token(world: World, email: str, scopes: Iterable[str]) -> str:
    """Return a new refresh token, good until it is revoked."""
    token = new_refresh_token()
    issued = Issued(
        secret=token,
        kind=REFRESH,
        email=email,
        scopes=frozenset(scopes),
        grant_id=new_grant_id(),
    )
    save(world, issued)
    return token


def principal(world: World, bearer: str) -> Principal:
    """Return who an access token stands for; 401 authError when unknown, expired or revoked."""
    issued = find(world, bearer, ACCESS)
    if issued is None or is_expired(world, issued):
        raise errors.auth_error()
    return Principal(
        email=issued.email,
        scopes=issued.scopes,
        is_bare_service_account=bool(issued.body.get("bare")),
    )


def _issued(row: sqlite3.Row) -> Issued:
    return Issued(
        secret=row["secret"],
        kind=row["kind"],
        email=row["email"],
        scopes=full_names(str(row["scopes"]).split()),
        grant_id=row["grant_id"],
        expires_at=row["expires_at"],
        body=json.loads(row["body"]),
    )


def _drop_oldest(world: World, email: str) -> None:
    world.store.run(
        "DELETE FROM token WHERE secret IN (SELECT secret FROM token WHERE email = ? AND kind = ?"
        " ORDER BY json_extract(body, '$.at') DESC LIMIT -1 OFFSET ?)",
        email,
        REFRESH,
        REFRESH_TOKENS_KEPT,
    )
