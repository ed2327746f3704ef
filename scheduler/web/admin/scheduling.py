"""What the whole organisation schedules by, and what calendar entries do to interviews."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange

from scheduler.clock import utc_now
from scheduler.commands import scheduling as commands
from scheduler.commands.checks import Refused
from scheduler.commands.keywords import FIELDS
from scheduler.domain.availability import EFFECTS, ReadingLevel
from scheduler.domain.entries import KINDS
from scheduler.queries import keywords, reading_pages
from scheduler.queries.scheduling import scheduling_rules
from scheduler.web import sessions
from scheduler.web.admin.forms import choices, refuse
from scheduler.web.admin.keyword_forms import KeywordForm, typed

scheduling = Blueprint("scheduling", __name__, url_prefix="/admin/scheduling")

AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


class SchedulingForm(KeywordForm):
    version = HiddenField()
    notice_hours = IntegerField(
        "Notice, in hours",
        validators=[InputRequired("Enter a number."), NumberRange(0, 336, "Between 0 and 336.")],
        description="No interview is offered that starts sooner than this.",
    )
    window_days = IntegerField(
        "Days ahead",
        validators=[InputRequired("Enter a number."), NumberRange(1, 60, "Between 1 and 60.")],
        description="How far ahead interviews are offered.",
    )
    level = RadioField(
        "Greenroom may read",
        choices=choices(
            (
                (ReadingLevel.BUSY.value, "When people are busy, and nothing else"),
                (ReadingLevel.DETAILS.value, "Their entries, where they share them in detail"),
            )
        ),
        default=ReadingLevel.BUSY.value,
        description="Titles are looked at for the words below, and never stored.",
    )


@scheduling.route("", methods=["GET", "POST"])
def rules() -> ResponseReturnValue:
    kept = scheduling_rules()
    is_outdated = False
    form = SchedulingForm(
        version=commands.current_version(),
        notice_hours=kept.notice // AN_HOUR,
        window_days=kept.rolling_window // A_DAY,
        level=kept.level.value,
        **typed(keywords.of_everybody()),
    )
    if form.validate_on_submit():
        try:
            commands.change_scheduling(
                notice=timedelta(hours=form.notice_hours.data or 0),
                rolling_window=timedelta(days=form.window_days.data or 0),
                level=ReadingLevel(form.level.data),
                keywords=form.keywords,
                version=form.version.data or None,
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        except commands.RulesChanged:
            is_outdated = True
            form.version.data = commands.current_version()
        else:
            flash("Saved. Bookings already made stay as they are.", "success")
            return redirect(url_for(".rules"), 303)
    named = {KINDS[means]: f"words: {form[name].label.text}" for means, name in FIELDS.items()}
    effects = [
        (named.get(kind, kind.value), *(each.value for each in both))
        for kind, both in EFFECTS.items()
    ]
    page = render_template(
        "admin/scheduling.html",
        form=form,
        effects=effects,
        level=kept.level,
        lacks_consent=reading_pages.lacks_consent(),
        is_outdated=is_outdated,
    )
    return page, 409 if is_outdated else 422 if form.errors else 200
