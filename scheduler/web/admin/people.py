"""Who may sign in, and as what."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import people as commands
from scheduler.commands import sign_in
from scheduler.commands.checks import Refused
from scheduler.commands.sign_in import OwnAccess
from scheduler.domain.people import Role
from scheduler.queries import admin_pages
from scheduler.web import sessions
from scheduler.web.admin.forms import GrantForm, RoleForm, refuse

people = Blueprint("people", __name__, url_prefix="/admin/people")

PURPOSE = "change who may do what"


@people.get("")
def index() -> ResponseReturnValue:
    return _index(GrantForm(), 200)


@people.post("/grants")
def grant() -> ResponseReturnValue:
    """Give an address a role, before or after its owner has come for the first time."""
    again = sessions.ask_to_sign_in_again(PURPOSE, back_to=url_for(".index"))
    if again is not None:
        return again
    form = GrantForm()
    if form.validate_on_submit():
        email = (form.email.data or "").strip().lower()
        try:
            if email == sessions.current().email:
                raise OwnAccess
            commands.grant_role(email, Role(form.role.data), by=sessions.actor(), now=utc_now())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{email} is {Role(form.role.data).value} from now on.", "success")
            return redirect(url_for(".index"), 303)
    return _index(form, 422)


@people.get("/<id:user_id>")
def show(user_id: int) -> ResponseReturnValue:
    person = admin_pages.person_page(user_id, utc_now())
    return _person(person, RoleForm(role=person.role.value), 200)


@people.post("/<id:user_id>/role")
def role(user_id: int) -> ResponseReturnValue:
    person = admin_pages.person_page(user_id, utc_now())
    again = _ask_again(user_id)
    if again is not None:
        return again
    form = RoleForm()
    if form.validate_on_submit():
        try:
            if user_id == sessions.current().user_id:
                raise OwnAccess
            commands.grant_role(
                person.email, Role(form.role.data), by=sessions.actor(), now=utc_now()
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{person.name} is {Role(form.role.data).value} from now on.", "success")
            return redirect(url_for(".show", user_id=user_id), 303)
    return _person(person, form, 422)


@people.post("/<id:user_id>/sessions/end")
def end_sessions(user_id: int) -> ResponseReturnValue:
    person = admin_pages.person_page(user_id, utc_now())
    again = _ask_again(user_id)
    if again is not None:
        return again
    sign_in.end_sessions_of(user_id, by=sessions.actor(), now=utc_now())
    flash(f"{person.name} is signed out everywhere.", "success")
    return redirect(url_for(".show", user_id=user_id), 303)


@people.post("/<id:user_id>/deactivation")
def deactivate(user_id: int) -> ResponseReturnValue:
    person = admin_pages.person_page(user_id, utc_now())
    again = _ask_again(user_id)
    if again is not None:
        return again
    try:
        sign_in.deactivate(user_id, by=sessions.actor(), now=utc_now())
    except Refused as refusal:
        form = RoleForm(formdata=None, role=person.role.value)
        refuse(form, refusal)
        return _person(person, form, 422)
    flash(f"{person.name} cannot sign in any more.", "success")
    return redirect(url_for(".show", user_id=user_id), 303)


@people.post("/<id:user_id>/reactivation")
def reactivate(user_id: int) -> ResponseReturnValue:
    person = admin_pages.person_page(user_id, utc_now())
    again = _ask_again(user_id)
    if again is not None:
        return again
    sign_in.reactivate(user_id, by=sessions.actor(), now=utc_now())
    flash(f"{person.name} can sign in again, as {person.role.value}.", "success")
    return redirect(url_for(".show", user_id=user_id), 303)


def _ask_again(user_id: int) -> ResponseReturnValue | None:
    return sessions.ask_to_sign_in_again(PURPOSE, back_to=url_for(".show", user_id=user_id))


def _index(form: GrantForm, status: int) -> ResponseReturnValue:
    now = utc_now()
    page = admin_pages.people_page(now)
    return render_template("admin/people.html", page=page, form=form, now=now), status


def _person(person: admin_pages.PersonRow, form: RoleForm, status: int) -> ResponseReturnValue:
    is_me = person.user_id == sessions.current().user_id
    return (
        render_template("admin/person.html", who=person, form=form, is_me=is_me, now=utc_now()),
        status,
    )
