"""The Meet room as a page: walk in or knock, see who is there, let somebody in."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator import meet
from scheduler.emulator.calls import world
from scheduler.emulator.looks import page_headers, page_url
from scheduler.emulator.meet import Space
from scheduler.emulator.world import World

rooms = Blueprint("rooms", __name__)


@rooms.get("/meet/<code>")
def room(code: str) -> Response:
    here = world()
    space = _space(here, code)
    address = request.args.get("as", "").lower().strip()
    if not address:
        people = [account for account in here.accounts() if account.kind != "room"]
        page = render_template("door.html", space=space, people=people)
        return page_headers(make_response(page))
    with here.store.transaction():
        state = meet.enter(here, space, address)
    standing = meet.presence(here, space.code)
    inside = [email for email, where in standing.items() if where in ("in", "admitted")]
    guests = meet.invitees(here, space) if state != "knocking" else []
    page = render_template(
        "room.html",
        space=space,
        address=address,
        state=state,
        names={email: _name(here, email) for email in {*standing, *guests, address}},
        inside=inside,
        knocking=[email for email, where in standing.items() if where == "knocking"],
        expected=[email for email in guests if email not in inside],
        may_admit=meet.may_admit(here, space, address),
    )
    return page_headers(make_response(page))


@rooms.post("/meet/<code>/admit")
def admit(code: str) -> AnyResponse:
    here = world()
    space = _space(here, code)
    by = request.form.get("as", "").lower()
    with here.store.transaction():
        if not meet.admit(here, space, by, request.form.get("guest", "").lower()):
            abort(403)
    return redirect(page_url(f"/meet/{code}", as_=by), 303)


@rooms.post("/meet/<code>/leave")
def leave(code: str) -> AnyResponse:
    here = world()
    meet.leave(here, _space(here, code), request.form.get("as", "").lower())
    return redirect(url_for(".room", code=code), 303)


@rooms.get("/tel/<code>")
def dial_in(code: str) -> Response:
    """The page behind the "more" entry point: how to join by phone."""
    space = _space(world(), code)
    return page_headers(make_response(render_template("dial.html", space=space)))


def _space(here: World, code: str) -> Space:
    space = meet.by_code(here, code)
    if space is None or space.code != code:
        abort(404)
    if space.is_of_app_only:
        abort(403)
    return space


def _name(here: World, email: str) -> str:
    account = here.account(email)
    return account.name if account else email
