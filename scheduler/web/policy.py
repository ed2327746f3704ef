"""Who may open what: one table, checked before every request. What is not in it is closed.

A page that is not yours answers 404, not 403: that there is such a thing is not yours to know either.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.domain.people import Role
from scheduler.queries.sessions import SignedIn
from scheduler.web import presentation, sessions
from scheduler.web.presentation import NavItem

log = logging.getLogger(__name__)

PUBLIC: Final = "public"
"""Needs no session: what guards the page, if anything, is in its address, or nothing has to."""

ADMIN = frozenset({Role.ADMIN})
STAFF = frozenset({Role.ADMIN, Role.RECRUITER, Role.COORDINATOR})
COLLEAGUES = frozenset(Role)

Audience = frozenset[Role] | Literal["public"]

POLICY: dict[str, Audience] = {
    "auth.callback": PUBLIC,
    "auth.login": PUBLIC,
    "auth.logout": PUBLIC,
    "auth.profile": COLLEAGUES,
    "auth.start_login": PUBLIC,
    "auth.your_interviews": COLLEAGUES,
    "bookings.cancel": STAFF,
    "bookings.give_link": STAFF,
    "bookings.reschedule": STAFF,
    "bookings.reschedule_calendars": STAFF,
    "bookings.retitle": STAFF,
    "bookings.send_words": STAFF,
    "bookings.show": STAFF,
    "bookings.swap": STAFF,
    "bookings.swap_calendars": STAFF,
    "bookings.swap_room": STAFF,
    "bookings.try_again": STAFF,
    "candidate.back": PUBLIC,
    "candidate.book": PUBLIC,
    "candidate.calendar_file": PUBLIC,
    "candidate.show": PUBLIC,
    "candidate.show_times": PUBLIC,
    "candidates.accommodate": STAFF,
    "candidates.add": STAFF,
    "candidates.advance": STAFF,
    "candidates.apply": STAFF,
    "candidates.edit": STAFF,
    "candidates.index": STAFF,
    "candidates.show": STAFF,
    "candidates.windows": STAFF,
    "choosing.book": STAFF,
    "choosing.offer_times": STAFF,
    "choosing.read_calendars": STAFF,
    "choosing.times": STAFF,
    "connection.callback": ADMIN,
    "connection.check_again": ADMIN,
    "connection.connect": ADMIN,
    "connection.disconnect": ADMIN,
    "connection.show": ADMIN,
    "connection.state": ADMIN,
    "connection.use_service_account": ADMIN,
    "dashboard.index": STAFF,
    "health.healthz": PUBLIC,
    "health.metrics": PUBLIC,
    "health.readyz": PUBLIC,
    "interviewers.add": STAFF,
    "interviewers.edit": STAFF,
    "interviewers.index": STAFF,
    "people.deactivate": ADMIN,
    "people.end_sessions": ADMIN,
    "people.grant": ADMIN,
    "people.index": ADMIN,
    "people.reactivate": ADMIN,
    "people.role": ADMIN,
    "people.show": ADMIN,
    "plans.add_stage": STAFF,
    "plans.change_stage": STAFF,
    "plans.index": STAFF,
    "plans.open_role": STAFF,
    "plans.reword": STAFF,
    "plans.show": STAFF,
    "pools.index": STAFF,
    "pools.join": STAFF,
    "pools.leave": STAFF,
    "pools.show": STAFF,
    "push.google_calendar": PUBLIC,
    "rooms.index": STAFF,
    "rooms.reopen": STAFF,
    "rooms.retire": STAFF,
    "scheduling.rules": ADMIN,
    "static": PUBLIC,
}


def guard(app: Flask) -> None:
    """Hold every request of `app` against the table."""
    app.before_request(_check)


def may_open(role: Role, endpoint: str) -> bool:
    """Say whether somebody in this role may open that page."""
    audience = POLICY.get(endpoint)
    return audience is not None and (audience == PUBLIC or role in audience)


def _check() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:  # no such page: Flask says so itself
        return None
    audience = POLICY.get(endpoint)
    if audience == PUBLIC:
        return None
    somebody = sessions.find()
    if somebody is None:
        return _ask_to_sign_in()
    if audience is not None and somebody.role in audience:
        return None
    if audience is None:
        log.error("a page without a line in the policy", extra={"endpoint": endpoint})
    if request.path == "/":
        return redirect(url_for("auth.your_interviews"), 303)
    return abort(404)


def _ask_to_sign_in() -> ResponseReturnValue:
    here = request.full_path.removesuffix("?")
    if sessions.is_htmx():
        return "", 401, {"HX-Redirect": url_for("auth.login")}
    if request.method not in ("GET", "HEAD"):
        return render_template("auth/signed_out.html"), 401
    return redirect(url_for("auth.login", next=None if here == "/" else here), 303)


# -- the navigation ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    """One place to go, and the paths that belong to it."""

    endpoint: str
    icon: str
    label: str
    paths: tuple[str, ...] = ()


_SECTIONS = (
    _Section("dashboard.index", "inbox", "Work queue", ("/bookings",)),
    _Section("candidates.index", "person", "Candidates"),
    _Section("interviewers.index", "people", "Interviewers"),
    _Section("pools.index", "list-unordered", "Pools"),
    _Section("plans.index", "checklist", "Plans"),
    _Section("rooms.index", "location", "Rooms"),
    _Section("scheduling.rules", "clock", "Scheduling"),
    _Section("connection.show", "plug", "Connection"),
    _Section("people.index", "key", "People"),
)


def navigation() -> Sequence[NavItem]:
    """Return where somebody may go from here."""
    somebody = sessions.find()
    if somebody is None:
        return ()
    return [
        _item(section)
        for section in _SECTIONS
        if section.endpoint in current_app.view_functions
        and may_open(somebody.role, section.endpoint)
    ]


def signed_in() -> presentation.SignedIn | None:
    """Return who is signed in, for the foot of the navigation."""
    somebody = sessions.find()
    return None if somebody is None else _shown(somebody)


def _item(section: _Section) -> NavItem:
    href = url_for(section.endpoint)
    inside = tuple(path for path in (href, *section.paths) if path != "/")
    return NavItem(
        href=href,
        icon=section.icon,
        label=section.label,
        is_current=request.path == href or (bool(inside) and request.path.startswith(inside)),
    )


def _shown(somebody: SignedIn) -> presentation.SignedIn:
    return presentation.SignedIn(
        name=somebody.name,
        detail=somebody.role.value.capitalize(),
        href=url_for("auth.profile"),
        sign_out_href=url_for("auth.logout"),
    )
