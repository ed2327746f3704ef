"""Pages for people: home, calendars, mailboxes, Meet rooms."""

from __future__ import annotations

from flask import Blueprint, render_template

from scheduler.emulator.calls import world

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    return render_template("home.html", accounts=world().accounts())
