"""Which scopes open which method, short for https://www.googleapis.com/auth/… (DISC)."""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = "https://www.googleapis.com/auth/"
SHORT_NAMES = {f"{PREFIX}userinfo.email": "email", f"{PREFIX}userinfo.profile": "profile"}
"""OpenID Connect's names; Google takes them and answers with its own."""

_FULL_NAMES = {short: full for full, short in SHORT_NAMES.items()}
_CLOUD = ("cloud-platform", "iam")
_OURS = ("calendar", "meetings.")

SCOPES: dict[str, tuple[str, ...]] = {
    "acl.delete": (
        "calendar",
        "calendar.acls",
    ),
    "acl.get": (
        "calendar",
        "calendar.acls",
        "calendar.acls.readonly",
        "calendar.readonly",
    ),
    "acl.insert": (
        "calendar",
        "calendar.acls",
    ),
    "acl.list": (
        "calendar",
        "calendar.acls",
        "calendar.acls.readonly",
    ),
    "acl.patch": (
        "calendar",
        "calendar.acls",
    ),
    "acl.update": (
        "calendar",
        "calendar.acls",
    ),
    "acl.watch": (
        "calendar",
        "calendar.acls",
        "calendar.acls.readonly",
    ),
    "calendarList.delete": (
        "calendar",
        "calendar.app.created",
        "calendar.calendarlist",
    ),
    "calendarList.get": (
        "calendar",
        "calendar.app.created",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
        "calendar.readonly",
    ),
    "calendarList.insert": (
        "calendar",
        "calendar.calendarlist",
    ),
    "calendarList.list": (
        "calendar",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
        "calendar.readonly",
    ),
    "calendarList.patch": (
        "calendar",
        "calendar.app.created",
        "calendar.calendarlist",
    ),
    "calendarList.update": (
        "calendar",
        "calendar.app.created",
        "calendar.calendarlist",
    ),
    "calendarList.watch": (
        "calendar",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
        "calendar.readonly",
    ),
    "calendars.clear": (
        "calendar",
        "calendar.calendars",
    ),
    "calendars.delete": (
        "calendar",
        "calendar.app.created",
        "calendar.calendars",
    ),
    "calendars.get": (
        "calendar",
        "calendar.app.created",
        "calendar.calendars",
        "calendar.calendars.readonly",
        "calendar.readonly",
    ),
    "calendars.insert": (
        "calendar",
        "calendar.app.created",
        "calendar.calendars",
    ),
    "calendars.patch": (
        "calendar",
        "calendar.app.created",
        "calendar.calendars",
    ),
    "calendars.transferOwnership": (
        "calendar",
        "calendar.calendars",
    ),
    "calendars.update": (
        "calendar",
        "calendar.app.created",
        "calendar.calendars",
    ),
    "channels.stop": (
        "calendar",
        "calendar.acls",
        "calendar.acls.readonly",
        "calendar.app.created",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
        "calendar.events",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.events.readonly",
        "calendar.readonly",
        "calendar.settings",
        "calendar.settings.readonly",
    ),
    "colors.get": (
        "calendar",
        "calendar.app.created",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.readonly",
    ),
    "events.delete": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.get": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.events.readonly",
        "calendar.readonly",
    ),
    "events.import": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.insert": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.instances": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.events.readonly",
        "calendar.readonly",
    ),
    "events.list": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.events.readonly",
        "calendar.readonly",
    ),
    "events.move": (
        "calendar",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.patch": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.quickAdd": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.update": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.owned",
    ),
    "events.watch": (
        "calendar",
        "calendar.app.created",
        "calendar.events",
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.events.owned.readonly",
        "calendar.events.public.readonly",
        "calendar.events.readonly",
        "calendar.readonly",
    ),
    "freebusy.query": (
        "calendar",
        "calendar.events.freebusy",
        "calendar.freebusy",
        "calendar.readonly",
    ),
    "settings.get": (
        "calendar",
        "calendar.readonly",
        "calendar.settings",
        "calendar.settings.readonly",
    ),
    "settings.list": (
        "calendar",
        "calendar.readonly",
        "calendar.settings",
        "calendar.settings.readonly",
    ),
    "settings.watch": (
        "calendar",
        "calendar.readonly",
        "calendar.settings",
        "calendar.settings.readonly",
    ),
    "spaces.create": ("meetings.space.created",),
    "spaces.endActiveConference": ("meetings.space.created",),
    "spaces.get": (
        "meetings.space.created",
        "meetings.space.readonly",
        "meetings.space.settings",
    ),
    "spaces.patch": (
        "meetings.space.created",
        "meetings.space.settings",
    ),
    "members.batchUpdate": ("meetings.space.created",),
    "members.create": ("meetings.space.created",),
    "members.delete": ("meetings.space.created",),
    "members.get": (
        "meetings.space.created",
        "meetings.space.readonly",
    ),
    "members.list": (
        "meetings.space.created",
        "meetings.space.readonly",
    ),
    "members.patch": ("meetings.space.created",),
}

_RECORDS = (
    "conferenceRecords", "participants", "participantSessions", "artifacts",
)  # fmt: skip
SCOPES |= {
    f"{resource}.{method}": ("meetings.space.created", "meetings.space.readonly")
    for resource in _RECORDS
    for method in ("get", "list")
}
_MEET = {name for name in SCOPES if name.startswith(("spaces.", "members.", *_RECORDS))}
_KNOWN = {scope for scopes in SCOPES.values() for scope in scopes}


def full_names(scopes: Iterable[str]) -> frozenset[str]:
    """Return scopes as Google names them: "email" is https://www.googleapis.com/auth/userinfo.email."""
    return frozenset(_FULL_NAMES.get(scope, scope) for scope in scopes)


def joined(scopes: Iterable[str]) -> str:
    """Return scopes as a request or an answer carries them."""
    return " ".join(sorted(scopes))


def with_short_names(scopes: Iterable[str]) -> frozenset[str]:
    """Return scopes (full names) and OpenID Connect's names for those that have one."""
    scopes = frozenset(scopes)
    return scopes | {SHORT_NAMES[scope] for scope in scopes if scope in SHORT_NAMES}


def unknown(scopes: Iterable[str]) -> list[str]:
    """Return the scopes (full names) that Google would not know, sorted.

    Those of products that are not emulated pass: consent to them is consent like any other.
    """
    return sorted(scope for scope in scopes if not _is_known(scope))


def method_names(name: str) -> dict[str, str]:
    """Return what a refusal calls a method: "events.insert" is calendar.v3.Events.Insert.

    What Meet's methods are called there is unknown; they are named as in the discovery document.
    """
    if name in _MEET:
        return {"service": "meet.googleapis.com", "method": f"meet.{name}"}
    resource, _, method = name.partition(".")
    full = f"calendar.v3.{_capital(resource)}.{_capital(method)}"
    return {"service": "calendar-json.googleapis.com", "method": full}


def opens_iam(scopes: Iterable[str]) -> bool:
    """Say whether a token with these scopes may call the IAM Credentials API."""
    return not {PREFIX + scope for scope in _CLOUD}.isdisjoint(scopes)


def _is_known(scope: str) -> bool:
    if scope == "openid" or scope in SHORT_NAMES:
        return True
    short = scope.removeprefix(PREFIX)
    if short in ("", scope):
        return False
    return short in _KNOWN or not short.startswith(_OURS)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
