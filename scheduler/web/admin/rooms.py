"""Rooms to interview in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import rooms as commands
from scheduler.commands.checks import Refused
from scheduler.queries import namesakes, room_pages
from scheduler.web import sessions
from scheduler.web.admin.forms import NewRoomForm, refuse

rooms = Blueprint("rooms", __name__, url_prefix="/admin/rooms")

MOST_NAMES = 3


def cannot_meet(rooms_named: Sequence[str], people: Sequence[str]) -> str:
    """Return what it means that rooms are named like somebody."""
    return (
        f"Candidates on site are told their room’s name, so no on-site interview can be held in "
        f"{_any_of(rooms_named)} with {_any_of(people)} on the panel."
    )


def _any_of(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    named = " or ".join(names[:MOST_NAMES])
    return named if more <= 0 else f"{named} or {more} more"


@rooms.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    form = NewRoomForm()
    if form.validate_on_submit():
        try:
            room_id = commands.add_room(
                name=form.name.data or "",
                site=form.site.data or "",
                email=form.email.data or "",
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{form.name.data} is here. Let interviews of your plans use it.", "success")
            if room_id in (named := namesakes.of_rooms()):
                flash(cannot_meet([room_pages.name_of(room_id)], named[room_id]), "warning")
            return redirect(url_for(".index"), 303)
    page = render_template(
        "admin/rooms.html",
        rooms=room_pages.rooms_page(),
        namesakes=namesakes.of_rooms(),
        cannot_meet=cannot_meet,
        form=form,
        zone=sessions.current().zone,
    )
    return page, 422 if form.errors else 200


@rooms.post("/<id:room_id>/retirement")
def retire(room_id: int) -> ResponseReturnValue:
    """Hold nothing new in a room."""
    commands.retire_room(room_id, by=sessions.actor(), now=utc_now())
    flash("The room is retired. What is booked there stays.", "success")
    return redirect(url_for(".index"), 303)


@rooms.post("/<id:room_id>/reopening")
def reopen(room_id: int) -> ResponseReturnValue:
    """Use a retired room again."""
    commands.reopen_room(room_id, by=sessions.actor(), now=utc_now())
    flash("The room is in use again.", "success")
    return redirect(url_for(".index"), 303)
