"""Candidates: the list, adding one, one with all they applied for, and when they can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.exc import NoResultFound
from wtforms import Field, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional, ValidationError

from scheduler.clock import utc_now
from scheduler.commands import candidates as commands
from scheduler.commands import checks
from scheduler.commands.checks import Refused
from scheduler.config import Settings
from scheduler.domain.availability import at_wall_time
from scheduler.domain.plan import Accommodations, Rest
from scheduler.domain.timespan import TimeSpan
from scheduler.queries import candidate_lists
from scheduler.queries.candidate_lists import CandidatePage, WindowsPage
from scheduler.web import presentation, sessions
from scheduler.web.admin.forms import length, minutes, refuse

candidates = Blueprint("candidates", __name__)

BLANK_ROWS = 3
MOST_ROWS = 60
QUICK_DAYS = 14
SATURDAY = 5
HALF_HOURS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]


class CandidateForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Who somebody is. What may be kept is decided by the command, so that scripts are told the same."""

    name = StringField("Name")
    email = StringField("E-mail address")
    # The command knows all zones; a browser may report one that the menu has under another name.
    zone = SelectField("Time zone", validate_choice=False)
    resume_url = StringField("Link to the résumé")


class ApplicationForm(FlaskForm):  # type: ignore[misc]
    """What somebody applies for."""

    stage = SelectField("Role and stage", coerce=str)
    recruiter = SelectField("Recruiter", coerce=int)
    scorecard_url = StringField("Link to the scorecard")


class NeedsForm(FlaskForm):  # type: ignore[misc]
    """What a candidate needs beyond the plan, in minutes."""

    extra_time = IntegerField(
        "Extra time for each interview",
        default=0,
        validators=[Optional(), NumberRange(0, 240, "Between 0 and 240.")],
        description="Minutes that every interview takes longer.",
    )
    shortest_gap = IntegerField(
        "Breaks of at least",
        default=0,
        validators=[Optional(), NumberRange(0, 240, "Between 0 and 240.")],
        description="Minutes between two interviews.",
    )
    rest_after = IntegerField(
        "A rest after",
        validators=[Optional(), NumberRange(5, 1440, "Between 5 and 1440.")],
        description="Minutes of interviews, with the breaks between them.",
    )
    rest_length = IntegerField(
        "Rest of",
        validators=[Optional(), NumberRange(5, 240, "Between 5 and 240.")],
        description="Minutes.",
    )

    def validate_rest_after(self, field: Field) -> None:
        if field.data and not self.rest_length.data:
            raise ValidationError("Enter both, or neither.")

    def validate_rest_length(self, field: Field) -> None:
        if field.data and not self.rest_after.data:
            raise ValidationError("Enter both, or neither.")

    @property
    def needs(self) -> Accommodations:
        after, rest = length(self.rest_after.data), length(self.rest_length.data)
        return Accommodations(
            extra_time=timedelta(minutes=self.extra_time.data or 0),
            shortest_gap=timedelta(minutes=self.shortest_gap.data or 0),
            rest=Rest(after=after, length=rest) if after and rest else None,
        )


class NewCandidateForm(CandidateForm, ApplicationForm):
    """Both at once, for somebody new. Without a stage they are kept for later."""


@candidates.get("/candidates")
def index() -> ResponseReturnValue:
    """Show the candidates, by name."""
    page = candidate_lists.candidate_list(
        zone=sessions.current().zone,
        now=utc_now(),
        words=request.args.get("q", "")[:100],
        role_id=_number("role"),
        stage_id=_number("stage"),
        number=_number("page") or 1,
    )
    return render_template("candidates/index.html", page=page)


@candidates.route("/candidates/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    """Add a candidate and, if a stage is chosen, put them there."""
    form = NewCandidateForm(zone=sessions.current().zone.key)
    _offer_zones(form)
    _offer_stages(form, may_be_none=True)
    if form.validate_on_submit():
        try:
            # Before the candidate is kept, so that a mistake in it keeps nothing.
            checks.web_address(
                form.scorecard_url.data or "", field="scorecard_url", is_required=False
            )
            candidate_id = commands.add_candidate(
                **_particulars(form), by=sessions.actor(), now=utc_now()
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            if form.stage.data:
                _apply(candidate_id, form)
            flash("The candidate has been added.", "success")
            return redirect(url_for(".show", candidate_id=candidate_id), 303)
    return render_template("candidates/new.html", form=form), _status(form)


@candidates.get("/candidates/<id:candidate_id>")
def show(candidate_id: int) -> ResponseReturnValue:
    """Show a candidate with everything they applied for."""
    return render_template("candidates/show.html", page=_candidate(candidate_id))


@candidates.route("/candidates/<id:candidate_id>/edit", methods=["GET", "POST"])
def edit(candidate_id: int) -> ResponseReturnValue:
    """Change who a candidate is."""
    page = _candidate(candidate_id)
    form = CandidateForm(
        name=page.name,
        email=page.email or "",
        zone=page.candidate_zone.key,
        resume_url=page.resume_url,
    )
    _offer_zones(form)
    if form.validate_on_submit():
        try:
            commands.change_candidate(
                candidate_id, **_particulars(form), by=sessions.actor(), now=utc_now()
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            flash("Saved.", "success")
            return redirect(url_for(".show", candidate_id=candidate_id), 303)
    return render_template("candidates/edit.html", page=page, form=form), _status(form)


@candidates.route("/candidates/<id:candidate_id>/applications", methods=["GET", "POST"])
def apply(candidate_id: int) -> ResponseReturnValue:
    """Put a candidate at a stage of another role."""
    page = _candidate(candidate_id)
    form = ApplicationForm()
    _offer_stages(form, may_be_none=False)
    if form.validate_on_submit():
        try:
            _apply(candidate_id, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            flash("The application has been added.", "success")
            return redirect(url_for(".show", candidate_id=candidate_id), 303)
    return render_template("candidates/apply.html", page=page, form=form), _status(form)


@candidates.post("/applications/<id:application_id>/stage")
def advance(application_id: int) -> ResponseReturnValue:
    """Put an application at another stage of its role."""
    page = candidate_lists.windows_page(application_id, zone=sessions.current().zone, now=utc_now())
    if page is None:
        abort(404)
    try:
        commands.advance(
            application_id,
            stage_id=request.form.get("stage", 0, type=int),
            by=sessions.actor(),
            now=utc_now(),
        )
    except (Refused, NoResultFound):
        flash("This stage does not belong to that role any more. Nothing has changed.", "error")
    else:
        flash(f"{page.candidate} is at the next stage.", "success")
    return redirect(url_for(".show", candidate_id=page.candidate_id), 303)


@candidates.route("/applications/<id:application_id>/needs", methods=["GET", "POST"])
def accommodate(application_id: int) -> ResponseReturnValue:
    """Say what a candidate needs. Only staff ever read it."""
    page = candidate_lists.windows_page(application_id, zone=sessions.current().zone, now=utc_now())
    if page is None:
        abort(404)
    rest = page.needs.rest
    form = NeedsForm(
        extra_time=minutes(page.needs.extra_time),
        shortest_gap=minutes(page.needs.shortest_gap),
        rest_after=minutes(rest.after) if rest else None,
        rest_length=minutes(rest.length) if rest else None,
    )
    if form.validate_on_submit():
        try:
            commands.accommodate(application_id, form.needs, by=sessions.actor(), now=utc_now())
        except Refused as refused:
            refuse(form, refused)
        else:
            flash("Saved. Every time from now on gives this; what is booked stays.", "success")
            return redirect(url_for(".show", candidate_id=page.candidate_id), 303)
    return render_template("candidates/needs.html", page=page, form=form), _status(form)


@candidates.route("/applications/<id:application_id>/windows", methods=["GET", "POST"])
def windows(application_id: int) -> ResponseReturnValue:
    """Say when a candidate can, in the candidate's own zone."""
    page = candidate_lists.windows_page(application_id, zone=sessions.current().zone, now=utc_now())
    if page is None:
        abort(404)
    if request.method != "POST":
        return _windows_form(page, _rows_of(page.windows, page.candidate_zone))
    rows = _typed_rows()
    match request.form.get("do"):
        case "more":
            return _windows_form(page, rows, blanks=len(rows) + BLANK_ROWS)
        case "quick":
            return _windows_form(page, _quick_rows(rows, page))
    rows = [_checked(row, page) for row in rows]
    if any(row.problem for row in rows):
        return _windows_form(page, rows, status=422)
    spans = [_span(row, page.candidate_zone) for row in rows if not row.is_blank]
    try:
        commands.give_windows(
            application_id,
            spans,
            by=sessions.actor(),
            now=page.now,
        )
    except Refused as refused:
        return _windows_form(page, rows, problem=str(refused), status=422)
    flash("The times have been saved." if spans else "Saved. No times are left.", "success")
    return redirect(url_for(".show", candidate_id=page.candidate_id), 303)


# -- forms -----------------------------------------------------------------------------------------


def _candidate(candidate_id: int) -> CandidatePage:
    settings: Settings = current_app.extensions["settings"]
    page = candidate_lists.candidate_page(
        candidate_id,
        zone=sessions.current().zone,
        now=utc_now(),
        keys=current_app.extensions["keys"],
        public_url=settings.public_url,
    )
    if page is None:
        abort(404)
    return page


def _particulars(form: CandidateForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("name", "email", "zone", "resume_url")}


def _apply(candidate_id: int, form: ApplicationForm) -> None:
    commands.apply(
        candidate_id,
        stage_id=int(form.stage.data),
        recruiter_id=form.recruiter.data,
        scorecard_url=form.scorecard_url.data or "",
        by=sessions.actor(),
        now=utc_now(),
    )


def _offer_zones(form: CandidateForm) -> None:
    form.zone.choices = [
        (choice.name, choice.label) for choice in presentation.zone_choices(utc_now(), _known(form))
    ]


def _known(form: CandidateForm) -> str | None:
    try:
        return checks.zone(form.zone.data or "").key
    except Refused:
        return None


def _offer_stages(form: ApplicationForm, *, may_be_none: bool) -> None:
    grouped: dict[str, list[tuple[str, str]]] = {"": [("", "Not yet")]} if may_be_none else {}
    for role in candidate_lists.role_choices():
        stages = [(str(stage_id), title) for stage_id, title in role.stages]
        grouped.setdefault(role.title, []).extend(stages)
    form.stage.choices = grouped
    form.recruiter.choices = list(candidate_lists.scheduler_choices())
    if request.method != "POST":
        form.recruiter.data = sessions.current().user_id


def _status(form: FlaskForm) -> int:
    return 422 if form.errors else 200


def _number(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < 2**31 else None


# -- the times a candidate gives -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """One stretch of time as it stands in the form, with what is wrong with it."""

    on: str = ""
    starts: str = ""
    ends: str = ""
    problem: str = ""

    @property
    def day(self) -> date | None:
        """The day, once it is one: the page names its weekday."""
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            return None

    @property
    def is_blank(self) -> bool:
        return not (self.on or self.starts or self.ends)


def _windows_form(
    page: WindowsPage,
    rows: Sequence[WindowRow],
    *,
    blanks: int = 0,
    problem: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    shown = [row for row in rows if not row.is_blank]
    wanted = max(blanks, len(shown) + (0 if status == 422 and shown else BLANK_ROWS))
    shown += [WindowRow()] * (min(wanted, MOST_ROWS) - len(shown))
    first = page.now.astimezone(page.candidate_zone).date()
    return (
        render_template(
            "candidates/windows.html",
            page=page,
            rows=shown,
            problem=problem,
            first_day=first.isoformat(),
        ),
        status,
    )


def _typed_rows() -> list[WindowRow]:
    parts = (request.form.getlist(name)[:MOST_ROWS] for name in ("on", "starts", "ends"))
    typed = [
        WindowRow(on=on.strip()[:20], starts=starts.strip()[:20], ends=ends.strip()[:20])
        for on, starts, ends in zip(*parts, strict=False)
    ]
    return [row for row in typed if not row.is_blank]


def _rows_of(spans: Sequence[TimeSpan], zone: ZoneInfo) -> list[WindowRow]:
    """Return spans as rows of the form, one for each day they touch."""
    rows = []
    for span in spans:
        start, end = span.start.astimezone(zone), span.end.astimezone(zone)
        while start.date() < end.date() and end.time() > time.min:
            rows.append(_row(start, "24:00"))
            start = at_wall_time(start.date() + timedelta(days=1), time.min, zone).astimezone(zone)
        rows.append(_row(start, f"{end:%H:%M}" if end.date() == start.date() else "24:00"))
    return rows


def _row(start: datetime, ends: str) -> WindowRow:
    return WindowRow(on=start.date().isoformat(), starts=f"{start:%H:%M}", ends=ends)


def _quick_rows(rows: Sequence[WindowRow], page: WindowsPage) -> list[WindowRow]:
    """Return the rows and, for each weekday of the next two weeks that has none, 9 to 17."""
    today = page.now.astimezone(page.candidate_zone).date()
    has_one = {row.on for row in rows}
    days = (today + timedelta(days=number) for number in range(1, QUICK_DAYS + 1))
    quick = [
        WindowRow(on=on.isoformat(), starts="09:00", ends="17:00")
        for on in days
        if on.weekday() < SATURDAY and on.isoformat() not in has_one
    ]
    return sorted([*rows, *quick], key=lambda row: (row.on, row.starts))


def _checked(row: WindowRow, page: WindowsPage) -> WindowRow:
    """Return the row with one sentence on what is wrong with it, if anything is."""
    if row.is_blank:
        return row
    try:
        on, starts, ends = _parsed(row)
    except ValueError:
        return replace(row, problem="Give a day, a time from and a time to.")
    if ends is not None and ends <= starts:
        return replace(row, problem="The end must come after the start.")
    last = page.now.astimezone(page.candidate_zone).date() + timedelta(days=366)
    if on > last:
        return replace(row, problem="Give a day within the next year.")
    try:
        span = _span(row, page.candidate_zone)
    except ValueError:
        return replace(row, problem="Clocks change that night, and this hour does not exist.")
    if span.end <= page.now:
        return replace(row, problem="This time has passed. Give one that is still to come.")
    return row


def _span(row: WindowRow, zone: ZoneInfo) -> TimeSpan:
    on, starts, ends = _parsed(row)
    end_on, end_at = (on, ends) if ends is not None else (on + timedelta(days=1), time.min)
    return TimeSpan(at_wall_time(on, starts, zone), at_wall_time(end_on, end_at, zone))


def _parsed(row: WindowRow) -> tuple[date, time, time | None]:
    """Return a row's day, start and end; an end of None is the midnight after. Raises ValueError."""
    ends = None if row.ends in ("24:00", "00:00") else _clock(row.ends)
    return date.fromisoformat(row.on), _clock(row.starts), ends


def _clock(text: str) -> time:
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a clock on a wall
