"""The forms of the admin pages. What may be kept is decided by commands.checks; forms say it in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # types-WTForms is behind
from wtforms.validators import InputRequired, NumberRange, ValidationError

from scheduler.clock import utc_now
from scheduler.commands import checks
from scheduler.commands.checks import Refused
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.people import LoadLimit, Role, Standing, WorkingHours
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.web import presentation

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STRETCHES = 2  # offered for each day: before and after a long break
MOST_INTERVIEWS = 8  # in one stage
MOST_STRETCHES = 6  # read from one day


def choices(pairs: Iterable[tuple[object, str]]) -> Any:
    """Return value and label of each option as WTForms wants them (types-WTForms is behind it)."""
    return [SelectChoice(value, label) for value, label in pairs]


ROLE_CHOICES = choices(
    (
        (Role.RECRUITER.value, "Recruiter: looks after candidates and books"),
        (Role.COORDINATOR.value, "Coordinator: books for everybody"),
        (Role.INTERVIEWER.value, "Interviewer: has nothing to do here"),
        (Role.ADMIN.value, "Admin: decides who may do what, too"),
    )
)
STANDING_CHOICES = choices(
    ((Standing.TRAINED.value, "Trained"), (Standing.TRAINING.value, "In training"))
)


def refuse(form: FlaskForm, refusal: Refused) -> None:
    """Show what a command refused beside the field that it is about."""
    field = form._fields.get(refusal.field)
    if field is None or isinstance(field, FormField | FieldList):
        form.form_errors.append(str(refusal))
    else:
        field.errors = [*field.errors, str(refusal)]


def kept(check: Callable[[str], object]) -> Callable[[Any, Field], None]:
    """Return a validator that refuses what `check` refuses, in the same words."""

    def validate(form: Any, field: Field) -> None:
        try:
            check(field.data or "")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None

    return validate


NAME = kept(checks.name)
ADDRESS = kept(checks.address)
LINE = kept(partial(checks.line, field="", is_required=False))
PARAGRAPHS = kept(partial(checks.paragraphs, field=""))


class ZoneField(SelectField):
    """A menu of time zones, west to east."""

    def __init__(self, label: str = "Time zone", **more: Any) -> None:
        super().__init__(
            label, choices=[], validate_choice=False, validators=[kept(checks.zone)], **more
        )

    def iter_choices(self) -> Iterator[Any]:
        known = self.data if self.data in available_timezones() else None
        self.choices = choices(
            (each.name, each.label) for each in presentation.zone_choices(utc_now(), known)
        )
        return super().iter_choices()


@dataclass(frozen=True, slots=True)
class Stretch:
    """One row of the hours, as somebody typed it."""

    weekday: int
    number: int
    opens: str
    closes: str


class HoursField(Field):
    """Working hours: for each weekday from and to, twice, in case of a long break.

    Inputs are named `hours-<weekday>-<number>-opens` and `-closes`.
    """

    data: list[WorkingHours]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        pass  # it has no input of its own name; see `process`

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors = []
        self._typed: list[Stretch] | None = None
        if formdata is None or not formdata:
            self.data = list(data or [])
            return
        self._typed = [stretch for day in range(7) for stretch in self._read(formdata, day)]
        self.data = []
        try:
            self.data = _as_hours(self._typed)
        except ValueError as error:
            self.process_errors.append(str(error))

    def rows(self, weekday: int) -> list[Stretch]:
        """Return the stretches to show for a weekday, filled and empty ones."""
        if self._typed is not None:
            return [each for each in self._typed if each.weekday == weekday]
        kept = [each for each in self.data if each.weekday == weekday]
        filled = [
            Stretch(weekday, number, f"{each.opens_at:%H:%M}", f"{each.closes_at:%H:%M}")
            for number, each in enumerate(kept)
        ]
        return filled + [
            Stretch(weekday, number, "", "") for number in range(len(filled), STRETCHES)
        ]

    def _read(self, formdata: Any, weekday: int) -> Iterator[Stretch]:
        for number in range(MOST_STRETCHES):
            name = f"{self.name}-{weekday}-{number}"
            opens, closes = formdata.get(f"{name}-opens"), formdata.get(f"{name}-closes")
            if number < STRETCHES or opens is not None or closes is not None:
                yield Stretch(weekday, number, (opens or "").strip(), (closes or "").strip())


def _as_hours(typed: Sequence[Stretch]) -> list[WorkingHours]:
    hours: list[WorkingHours] = []
    for each in typed:
        if not each.opens and not each.closes:
            continue
        day = WEEKDAYS[each.weekday]
        if not (each.opens and each.closes):
            raise ValueError(f"{day}: enter both a beginning and an end, or neither.")
        opens, closes = _time(each.opens, day), _time(each.closes, day)
        if closes <= opens:
            raise ValueError(f"{day}: the end must be after the beginning.")
        if any(
            h.weekday == each.weekday and opens < h.closes_at and h.opens_at < closes for h in hours
        ):
            raise ValueError(f"{day}: the two stretches overlap.")
        hours.append(WorkingHours(each.weekday, opens, closes))
    return sorted(hours, key=lambda h: (h.weekday, h.opens_at))


def _time(text: str, day: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # a clock on a wall
    except ValueError:
        raise ValueError(f"{day}: enter times like 09:00.") from None


class OrderedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form whose fields, and so the list of its errors, are in the order of the page.

    WTForms puts what a form inherits before what it adds; `first` is what its page begins with.
    """

    first: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        names = (*self.first, *(field.short_name for field in self))
        self._fields: dict[str, Any] = {name: self[name] for name in names}


class ProfileForm(FlaskForm):  # type: ignore[misc]
    phone = StringField(
        "Phone",
        validators=[LINE],
        description="Panels are given it, so that they can reach you when something goes wrong.",
    )
    zone = ZoneField(description="The clock that your pages are written in.")


class LoadForm(OrderedForm):
    """What can be changed of an interviewer."""

    title = StringField("Title", validators=[LINE])
    zone = ZoneField(description="Their hours are by the clock on their wall.")
    hours = HoursField("Working hours")
    per_day = IntegerField(
        "Interviews a day, at most",
        default=2,
        validators=[InputRequired("Enter a number."), NumberRange(1, 20, "Between 1 and 20.")],
    )
    per_week = IntegerField(
        "Interviews a week, at most",
        default=6,
        validators=[InputRequired("Enter a number."), NumberRange(1, 60, "Between 1 and 60.")],
    )
    buffer = IntegerField(
        "Minutes kept free around each",
        default=0,
        validators=[InputRequired("Enter a number."), NumberRange(0, 120, "Between 0 and 120.")],
    )

    @property
    def limit(self) -> LoadLimit:
        return LoadLimit(per_day=self.per_day.data or 0, per_week=self.per_week.data or 0)

    @property
    def buffer_length(self) -> timedelta:
        return timedelta(minutes=self.buffer.data or 0)


class InterviewerForm(LoadForm):
    first = ("name", "title", "email")

    name = StringField("Name", validators=[NAME])
    email = StringField(
        "E-mail",
        validators=[ADDRESS],
        description="The address of their Google calendar. They need not sign in.",
    )


class NewPoolForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        "Name",
        validators=[NAME],
        description="What its people can interview for, such as System design.",
    )


class JoinForm(FlaskForm):  # type: ignore[misc]
    interviewer_id = SelectField("Interviewer", coerce=int)
    standing = SelectField("Standing", choices=STANDING_CHOICES, default=Standing.TRAINED.value)


class GrantForm(FlaskForm):  # type: ignore[misc]
    email = StringField("E-mail", validators=[ADDRESS])
    role = SelectField(
        "Role",
        choices=choices((role.value, role.value.capitalize()) for role in Role),
        default=Role.RECRUITER.value,
    )


class RoleForm(FlaskForm):  # type: ignore[misc]
    role = RadioField("They are", choices=ROLE_CHOICES)


class WordingForm(OrderedForm):
    """What candidates read about a stage."""

    public_title = StringField(
        "Public title", validators=[NAME], description="Candidates see it in their calendar."
    )
    public_notes = TextAreaField(
        "What candidates should know",
        validators=[PARAGRAPHS],
        description="Do not name the panel here.",
    )
    location = StringField(
        "Location", validators=[LINE], description="Where candidates go to, if it is on site."
    )


class InterviewPart(Form):
    """One interview of a stage. Part of a form, so without a CSRF token of its own."""

    interview_title = StringField("Title", validators=[NAME], description="Candidates see it.")
    focus = TextAreaField("Focus", validators=[PARAGRAPHS], description="For the panel only.")
    minutes = IntegerField(
        "Minutes",
        default=45,
        validators=[InputRequired("Enter a number."), NumberRange(5, 480, "Between 5 and 480.")],
    )
    lead = SelectField("Led by somebody of", coerce=int)
    second = SelectField("With a second of", coerce=int)
    shadow = SelectField("Watched by a trainee of", coerce=int)

    def draft(self) -> InterviewDraft:
        seats = (
            (SeatKind.LEAD, self.lead.data),
            (SeatKind.SECOND, self.second.data),
            (SeatKind.SHADOW, self.shadow.data),
        )
        return InterviewDraft(
            title=self.interview_title.data or "",
            focus=self.focus.data or "",
            length=timedelta(minutes=self.minutes.data or 0),
            seats=tuple(SeatDraft(kind, (pool_id,)) for kind, pool_id in seats if pool_id),
        )


class InterviewParts(FieldList):  # type: ignore[type-arg]  # not generic at run time
    """The interviews of a stage. Their errors say which interview and which field they are about."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        is_valid = bool(super().validate(form, extra_validators))
        self.errors = [
            f"no. {number}, {field.label.text.lower()}: {field.errors[0]}"
            for number, part in enumerate(self.entries, start=1)
            for field in part.form
            if field.errors
        ]
        return is_valid


class StageForm(WordingForm):
    """A new stage with its interviews."""

    first: ClassVar[tuple[str, ...]] = ("title", "attendance")

    title = StringField(
        "Stage",
        validators=[NAME],
        description="Your own name for it, such as Phone screen or On-site.",
    )
    attendance = SelectField(
        "How",
        choices=choices(
            ((Attendance.VIDEO.value, "By video"), (Attendance.ONSITE.value, "On site"))
        ),
    )
    call_grouping = SelectField(
        "Calls",
        choices=choices(
            (
                (CallGrouping.PER_INTERVIEW.value, "One for each interview"),
                (CallGrouping.PER_LOOP_DAY.value, "One for the whole day"),
            )
        ),
        default=CallGrouping.PER_INTERVIEW.value,
        description="With one for each, no panel can walk in on another.",
    )
    strategy = SelectField(
        "Who asks Google for the conference",
        choices=choices(
            (
                (ConferenceStrategy.CANDIDATE_EVENT_MINTS.value, "The candidate's event"),
                (
                    ConferenceStrategy.KEEPER_EVENT_MINTS.value,
                    "An event of its own, without guests",
                ),
            )
        ),
        default=ConferenceStrategy.CANDIDATE_EVENT_MINTS.value,
        description=(
            "With the candidate's event, they join without knocking. An event of its own is for "
            "companies that record: recordings then go to the scheduling account."
        ),
    )
    shortest_gap = IntegerField(
        "Shortest break",
        default=0,
        validators=[InputRequired("Enter a number."), NumberRange(0, 240, "Between 0 and 240.")],
        description="Minutes between two interviews.",
    )
    longest_gap = IntegerField(
        "Longest break",
        default=60,
        validators=[InputRequired("Enter a number."), NumberRange(0, 480, "Between 0 and 480.")],
        description="Minutes between two interviews.",
    )
    interviews = InterviewParts(
        FormField(InterviewPart), "Interviews", min_entries=1, max_entries=MOST_INTERVIEWS
    )

    def offer(self, pools: Sequence[tuple[int, str]]) -> None:
        """Let seats be filled from these pools."""
        for part in self.interviews:
            part.form.lead.choices = choices(pools)
            part.form.second.choices = choices([(0, "Nobody"), *pools])
            part.form.shadow.choices = choices([(0, "Nobody"), *pools])

    def draft(self) -> StageDraft:
        return StageDraft(
            title=self.title.data or "",
            public_title=self.public_title.data or "",
            public_notes=self.public_notes.data or "",
            location=self.location.data or "",
            attendance=Attendance(self.attendance.data),
            call_grouping=CallGrouping(self.call_grouping.data),
            strategy=ConferenceStrategy(self.strategy.data),
            shortest_gap=timedelta(minutes=self.shortest_gap.data or 0),
            longest_gap=timedelta(minutes=self.longest_gap.data or 0),
            interviews=tuple(part.form.draft() for part in self.interviews),
        )


class JobRoleForm(StageForm):
    """A new role with the first stage of its interview plan."""

    first = ("job_title", "team", *StageForm.first)

    job_title = StringField(
        "Role to hire for",
        validators=[NAME],
        description="Such as Senior platform engineer.",
    )
    team = StringField("Team", validators=[LINE])


def usual_hours() -> list[WorkingHours]:
    """Return what a form for somebody new starts with."""
    return [WorkingHours(day, time(9), time(17)) for day in range(5)]
