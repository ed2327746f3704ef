"""Who is asking: the session behind this request, read once, for the policy and the views."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands.audit import Actor
from scheduler.commands.sign_in import SEEN_AT_MOST_EVERY, remember_seen
from scheduler.queries import sessions
from scheduler.queries.sessions import SignedIn

SECRET = "secret"  # noqa: S105  # its name in the cookie, not the secret
FRESH_FOR = timedelta(minutes=15)


def find() -> SignedIn | None:
    """Return who asks, or None for somebody who has not signed in. Reads the session once a request."""
    if "signed_in" not in g:
        g.signed_in = _read()
    return cast("SignedIn | None", g.signed_in)


def current() -> SignedIn:
    """Return who asks, on a page that the policy lets nobody see without signing in."""
    somebody = find()
    assert somebody is not None, "the policy lets nobody in here without a session"
    return somebody


def actor() -> Actor:
    """Return who asks, as commands write it down."""
    return Actor.user(current().user_id)


def ask_to_sign_in_again(purpose: str, *, back_to: str) -> ResponseReturnValue | None:
    """Return a way to the sign-in page when the last sign-in is too old for what somebody wants.

    `purpose` finishes the sentence "Please sign in again to …".
    """
    if utc_now() - current().signed_in_at <= FRESH_FOR:
        return None
    flash(f"Please sign in again to {purpose}: you last did more than 15 minutes ago.", "info")
    return redirect(url_for("auth.login", next=back_to), 303)


def begin(secret: str) -> None:
    """Put a new session into the browser and drop everything that an earlier one has left there."""
    session.clear()
    session[SECRET] = secret
    g.pop("signed_in", None)
    g.pop("csrf_token", None)


def end() -> None:
    """Take the session out of the browser."""
    session.clear()
    g.signed_in = None
    g.pop("csrf_token", None)


def secret() -> str | None:
    """Return the secret that the browser holds, if any; it may be long out of use."""
    held = session.get(SECRET)
    return held if isinstance(held, str) else None


def _read() -> SignedIn | None:
    held = secret()
    if held is None:
        return None
    now = utc_now()
    somebody = sessions.signed_in(held, now)
    if somebody is not None and now - somebody.last_seen_at >= SEEN_AT_MOST_EVERY:
        remember_seen(somebody.session_id, now=now)
    return somebody


def is_htmx() -> bool:
    """Say whether a script of ours asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"
