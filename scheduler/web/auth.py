"""Signing in, signing out, and one's own settings."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import checks
from scheduler.commands import sign_in as commands
from scheduler.commands.checks import Refused
from scheduler.commands.sign_in import SignInRefused, VerifiedIdentity
from scheduler.config import Settings
from scheduler.domain.people import Role
from scheduler.web import issuer, sessions
from scheduler.web.admin.forms import ProfileForm, refuse
from scheduler.web.identity import NotBelieved, identity_of

log = logging.getLogger(__name__)
auth = Blueprint("auth", __name__)

NEXT, ZONE = "next", "zone"


@auth.get("/login")
def login() -> ResponseReturnValue:
    back_to = safe_path(request.args.get(NEXT, ""))
    return render_template("auth/login.html", back_to=back_to)


@auth.post("/login")
def start_login() -> ResponseReturnValue:
    session[NEXT] = safe_path(request.form.get(NEXT, ""))
    session[ZONE] = request.form.get("zone", "")[:64]
    try:
        return issuer.send_to(
            issuer.SIGN_IN, _settings().public_url + url_for(".callback"), prompt="select_account"
        )
    except SignInRefused as refusal:
        return _refused(refusal)


@auth.get("/login/callback")
def callback() -> ResponseReturnValue:
    now = utc_now()
    try:
        secret = commands.sign_in(
            _identity(now),
            admin_emails=_settings().admin_emails,
            zone=_zone_of_browser(),
            replacing=sessions.secret(),
            now=now,
        )
    except SignInRefused as refusal:
        return _refused(refusal)
    back_to = safe_path(str(session.get(NEXT, "")))
    sessions.begin(secret)
    return redirect(back_to, 303)


@auth.post("/logout")
def logout() -> ResponseReturnValue:
    somebody = sessions.find()
    if somebody is not None:
        commands.sign_out(somebody.session_id, by=sessions.actor(), now=utc_now())
    sessions.end()
    flash("You are signed out.", "success")
    return redirect(url_for(".login"), 303)


@auth.get("/your-interviews")
def your_interviews() -> ResponseReturnValue:
    if sessions.current().role is not Role.INTERVIEWER:
        return redirect("/", 303)
    return render_template("auth/your_interviews.html", me=sessions.current())


@auth.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    me = sessions.current()
    form = ProfileForm(phone=me.phone, zone=me.zone.key)
    if form.validate_on_submit():
        try:
            commands.change_profile(
                me.user_id,
                phone=form.phone.data or "",
                zone=form.zone.data,
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for(".profile"), 303)
    return render_template("auth/profile.html", form=form, me=me), 422 if form.errors else 200


def safe_path(text: str) -> str:
    """Return `text` if it is a path of this site, else the start page.

    Browsers take "//", "/\\" and a tab in between for the start of another site's address.
    """
    is_plain = text.isascii() and text.isprintable() and not any(c in text for c in ' \\"<>')
    if not (is_plain and text.startswith("/") and not text.startswith("//")):
        return "/"
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or parts.path.startswith(("/login", "/logout")):
        return "/"
    return text


def _identity(now: datetime) -> VerifiedIdentity:
    answer = issuer.answer(issuer.SIGN_IN)
    settings = _settings()
    try:
        return identity_of(
            answer.claims,
            allowed_domains=settings.allowed_domains,
            issuer=answer.issuer,
            client_id=settings.google_client_id,
            nonce=answer.nonce,
            now=now,
        )
    except NotBelieved as refusal:
        log.warning("a token was not believed", extra={"claim": refusal.claim})
        raise


def _zone_of_browser() -> ZoneInfo | None:
    try:
        return checks.zone(str(session.get(ZONE, "")))
    except Refused:
        return None


def _refused(refusal: SignInRefused) -> ResponseReturnValue:
    status = 400 if isinstance(refusal, NotBelieved) else 403
    return render_template("auth/refused.html", sentence=str(refusal)), status


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
