"""Pages for people: who lives here, how this Google behaves, and what it was asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator import calendar as calendars
from scheduler.emulator import dials, faults
from scheduler.emulator.calls import world
from scheduler.emulator.company import Account
from scheduler.emulator.errors import Refused
from scheduler.emulator.hooks import only_from_here
from scheduler.emulator.looks import address, linked, page_headers
from scheduler.emulator.settings import Switches
from scheduler.emulator.world import ApiCall, World

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(linked, "linked")
pages.add_app_template_filter(address, "address")
controls = Blueprint("controls", __name__)
controls.before_request(only_from_here)

LOG_LINES = 200
RELOADED_EVERY_SECONDS = 3
_KINDS = (
    ("scheduling", "Scheduling account"), ("recruiter", "Recruiters"), ("admin", "Administrator"),
    ("coordinator", "Coordinators"), ("candidate", "Candidates"), ("interviewer", "Interviewers"),
    ("room", "Rooms"),
)  # fmt: skip
_FAULTS = {
    "": "refused in Google's words",
    "html": "a proxy's page instead",
    "garble": "JSON cut in the middle",
    "truncate": "less than was announced",
    "hang": "nothing, the line stays open",
    "reset": "the line is torn down",
}


@pages.get("/")
def home() -> Response:
    return _home(world())


@controls.post("/switches")
def turn() -> AnyResponse:
    """Turn the switches that a form names; the button "usual" turns all back."""
    here = world()
    if request.form.get("do") == "usual":
        here.set_switches(**Switches().as_dict())
        return redirect("/#switches", 303)
    try:
        here.set_switches(**{name: dials.read(name, text) for name, text in request.form.items()})
    except Refused as refusal:
        return _home(here, complaint=refusal.message)
    return redirect("/#switches", 303)


@controls.post("/faults")
def plant() -> AnyResponse:
    here = world()
    given: dict[str, Any] = {n: text.strip() for n, text in request.form.items() if text.strip()}
    try:
        for name, number in (("status", int), ("count", int), ("delay", float)):
            if name in given:
                given[name] = number(given[name])
        here.faults.add(faults.fault_from(given))
    except ValueError:
        return _home(here, complaint="Status, number and delay are numbers.")
    except Refused as refusal:
        return _home(here, complaint=refusal.message)
    return redirect("/#faults", 303)


@controls.post("/faults/none")
def clear() -> AnyResponse:
    world().faults.clear()
    return redirect("/#faults", 303)


@pages.get("/activity")
def activity() -> Response:
    """The latest calls, newest first; with `watch` the page looks again by itself."""
    here = world()
    asked = {name: request.args.get(name, "").strip() for name in ("q", "who", "outcome")}
    calls = [call for call in reversed(here.log) if _is_asked_for(call, **asked)]
    page = render_template(
        "activity.html",
        calls=calls[:LOG_LINES],
        count=len(calls),
        kept=here.log.maxlen,
        people=sorted({call.principal for call in here.log if call.principal}),
        asked=asked,
        watch=RELOADED_EVERY_SECONDS if "watch" in request.args else None,
    )
    return page_headers(make_response(page))


def chooser(here: World, of: Literal["calendar", "mail"]) -> Response:
    """Return a page that asks whose calendar or mailbox it is to be."""
    people = [a for a in here.accounts() if of == "calendar" or a.kind != "room"]
    organizers = _organizers(here) if of == "calendar" else []
    page = render_template(
        "chooser.html", of=of, groups=_grouped(people), organizers=organizers
    )  # fmt: skip
    return page_headers(make_response(page))


def _home(here: World, complaint: str = "") -> Response:
    page = render_template(
        "home.html",
        groups=_grouped(here.accounts()),
        organizers=_organizers(here),
        dials=dials.dials(here.switches),
        faults=here.faults.present(),
        hows=_FAULTS,
        may_turn=here.settings.hooks,
        complaint=complaint,
        calls=list(here.log)[-5:][::-1],
        now=here.now(),
    )
    return page_headers(make_response(page, 422 if complaint else 200))


def _organizers(here: World) -> list[calendars.Calendar]:
    rows = here.store.all("SELECT id FROM calendar WHERE is_primary = 0 AND deleted = 0")
    found = (calendars.find(here, row["id"]) for row in rows)
    return [calendar for calendar in found if calendar is not None]


def _grouped(accounts: Iterable[Account]) -> list[tuple[str, list[Account]]]:
    everybody = list(accounts)
    groups = [(title, [a for a in everybody if a.kind == kind]) for kind, title in _KINDS]
    return [(title, people) for title, people in groups if people]


def _is_asked_for(call: ApiCall, q: str, who: str, outcome: str) -> bool:
    is_refused = call.status >= 400 or call.fate.startswith("fault")
    return (
        q.lower() in f"{call.method} {call.path} {call.name}".lower()
        and who in ("", call.principal)
        and is_refused is {"refused": True, "done": False}.get(outcome, is_refused)
    )
