"""The scheduling account: connected, looked at, disconnected."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import connection as commands
from scheduler.commands.connection import NoRefreshToken, WrongAccount
from scheduler.commands.sign_in import SignInRefused
from scheduler.config import Settings
from scheduler.keys import KeyRing
from scheduler.queries import admin_pages, reading_pages
from scheduler.web import issuer, sessions
from scheduler.web.identity import subject_of, verified_address

connection = Blueprint("connection", __name__, url_prefix="/admin/google")

PURPOSE = "change the connection to Google"


class Incomplete(SignInRefused):
    """Consent was given to a part of what is needed (Google lets people untick boxes)."""


@connection.get("")
def show() -> ResponseReturnValue:
    return render_template("admin/connection.html", **_shown())


@connection.get("/state")
def state() -> ResponseReturnValue:
    """The part of the page that changes while the worker looks at the account."""
    return render_template("admin/_connection_state.html", **_shown())


@connection.post("/consent")
def connect() -> ResponseReturnValue:
    again = sessions.ask_to_sign_in_again(PURPOSE, back_to=url_for(".show"))
    if again is not None:
        return again
    settings = _settings()
    try:
        return issuer.send_to(
            issuer.CONNECTION,
            settings.public_url + url_for(".callback"),
            scope=" ".join(("openid", "email", *reading_pages.scopes_wanted())),
            access_type="offline",
            prompt="consent",  # without it Google gives a refresh token the first time only
            login_hint=settings.scheduling_account,
        )
    except SignInRefused as refusal:
        return _back(str(refusal), "error")


@connection.get("/callback")
def callback() -> ResponseReturnValue:
    settings, now = _settings(), utc_now()
    try:
        answer = issuer.answer(issuer.CONNECTION)
        subject_of(
            answer.claims,
            issuer=answer.issuer,
            client_id=settings.google_client_id,
            nonce=answer.nonce,
            now=now,
        )
        email = verified_address(answer.claims)
    except SignInRefused as refusal:
        return _back(str(refusal), "error")
    try:
        if email == settings.scheduling_account:
            _check_scopes(answer.scope)
        commands.connect(
            email=email,
            expected=settings.scheduling_account,
            refresh_token=answer.refresh_token,
            scopes=answer.scope,
            keys=_keys(),
            by=sessions.actor(),
            now=now,
        )
    except WrongAccount as refusal:
        if answer.refresh_token:
            issuer.revoke(answer.refresh_token)  # nobody else's token stays with us
        return _back(_sentence(refusal), "error")
    except (NoRefreshToken, Incomplete) as refusal:
        # Revoking this token would end the account's whole consent, a connection that stands with it.
        return _back(_sentence(refusal), "error")
    return _back("Connected.", "success")


@connection.post("/service-account")
def use_service_account() -> ResponseReturnValue:
    again = sessions.ask_to_sign_in_again(PURPOSE, back_to=url_for(".show"))
    if again is not None:
        return again
    settings = _settings()
    if settings.google_service_account_file is None:
        return _back("GOOGLE_SERVICE_ACCOUNT_FILE names no key file.", "error")
    commands.use_service_account(settings.scheduling_account, by=sessions.actor(), now=utc_now())
    return _back("Connected.", "success")


@connection.post("/check")
def check_again() -> ResponseReturnValue:
    commands.check_again(now=utc_now())
    return redirect(url_for(".show"), 303)


@connection.post("/disconnection")
def disconnect() -> ResponseReturnValue:
    again = sessions.ask_to_sign_in_again(PURPOSE, back_to=url_for(".show"))
    if again is not None:
        return again
    token = admin_pages.refresh_token(_keys())
    commands.disconnect(by=sessions.actor(), now=utc_now())
    if token is not None and not issuer.revoke(token):
        return _back(
            "Disconnected here, but Google could not be told. Remove Greenroom from the account's "
            "connected apps, too.",
            "warning",
        )
    return _back("Disconnected. Bookings wait until an account is connected again.", "success")


def _shown() -> dict[str, object]:
    settings = _settings()
    return {
        "page": admin_pages.connection_page(),
        "scheduling_account": settings.scheduling_account,
        "has_service_account": settings.google_service_account_file is not None,
        "asks_for_details": reading_pages.wants_details(),
        "lacks_consent": reading_pages.lacks_consent(),
        "now": utc_now(),
        "is_part": request.endpoint == "connection.state",
    }


def _check_scopes(granted: str) -> None:
    if not set(reading_pages.scopes_needed()) <= set(granted.split()):
        raise Incomplete(
            "Google was not allowed everything that Greenroom needs. Connect again, and leave "
            "every box ticked."
        )


def _sentence(refusal: Exception) -> str:
    match refusal:
        case WrongAccount():
            return (
                "That was another account. Connect again, and choose "
                f"{_settings().scheduling_account}."
            )
        case NoRefreshToken():
            return (
                "Google gave no lasting access. Remove Greenroom from the account's connected "
                "apps, then connect again."
            )
        case _:
            return str(refusal)


def _back(sentence: str, category: str) -> ResponseReturnValue:
    flash(sentence, category)
    return redirect(url_for(".show"), 303)


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def _keys() -> KeyRing:
    return cast(KeyRing, current_app.extensions["keys"])
