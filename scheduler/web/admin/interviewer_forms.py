"""The forms of interviewers: where and when they work, how much they take, and what they like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel import Locale
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from scheduler.commands.people import Habits
from scheduler.domain.people import DayHours, LoadLimit, WorkingHours
from scheduler.queries.admin_pages import InterviewerPage
from scheduler.queries.days_off import holiday_countries
from scheduler.web.admin.forms import (
    ADDRESS,
    LINE,
    NAME,
    ZoneField,
    choices,
    length,
    minutes,
)
from scheduler.web.admin.keyword_forms import KeywordForm, typed

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STRETCHES = 2  # offered for each day: before and after a long break
MOST_STRETCHES = 6  # read from one day
NUMBER = InputRequired("Enter a number.")


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


class CountryField(SelectField):
    """A menu of the countries whose public holidays are known, by name."""

    def iter_choices(self) -> Iterator[Any]:
        names = Locale("en").territories
        known = sorted((names.get(code, code), code) for code in holiday_countries())
        self.choices = choices([("", "Nobody's"), *((code, name) for name, code in known)])
        return super().iter_choices()


class LoadForm(KeywordForm):
    """What can be changed of an interviewer."""

    version = HiddenField()
    title = StringField("Title", validators=[LINE])
    zone = ZoneField(description="Their hours are by the clock on their wall.")
    hours = HoursField(
        "Working hours",
        description="Leave a day empty when they do not work. The second pair is for after a long break.",
    )
    per_day = IntegerField(
        "Interviews a day, at most",
        default=2,
        validators=[NUMBER, NumberRange(1, 20, "Between 1 and 20.")],
    )
    per_week = IntegerField(
        "Interviews a week, at most",
        default=6,
        validators=[NUMBER, NumberRange(1, 60, "Between 1 and 60.")],
    )
    buffer = IntegerField(
        "Minutes kept free around each",
        default=0,
        validators=[NUMBER, NumberRange(0, 120, "Between 0 and 120.")],
    )
    minutes_per_day = IntegerField(
        "Minutes a day, at most",
        validators=[Optional(), NumberRange(5, 1440, "Between 5 and 1440.")],
    )
    minutes_per_week = IntegerField(
        "Minutes a week, at most",
        validators=[Optional(), NumberRange(5, 10080, "Between 5 and 10080.")],
    )
    comfortable_from = TimeField("Rather from", validators=[Optional()])
    comfortable_until = TimeField("Rather until", validators=[Optional()])
    blocks = HoursField(
        "Interview blocks",
        description="Interviews are put here first. Leave all of it empty when no time is better than another.",
    )
    paused_from = DateField("Pause from", validators=[Optional()])
    paused_until = DateField("Pause until, the last day", validators=[Optional()])
    holiday_country = CountryField(
        "Public holidays of",
        validate_choice=False,
        default="",
        description="No interview is put on these days.",
    )
    days_off = TextAreaField(
        "Other days off",
        default="",
        description="One date a line, such as 2026-12-24. Holidays of a region go here, too.",
    )

    def validate_comfortable_from(self, field: Field) -> None:
        if field.data and not self.comfortable_until.data:
            raise ValidationError("Enter both a beginning and an end, or neither.")

    def validate_comfortable_until(self, field: Field) -> None:
        if field.data and not self.comfortable_from.data:
            raise ValidationError("Enter both a beginning and an end, or neither.")
        if field.data and field.data <= self.comfortable_from.data:
            raise ValidationError("The end must be after the beginning.")

    def validate_days_off(self, field: Field) -> None:
        for line in (field.data or "").split():
            try:
                date.fromisoformat(line)
            except ValueError:
                raise ValidationError("Enter dates like 2026-12-24, one a line.") from None

    @property
    def limit(self) -> LoadLimit:
        return LoadLimit(
            per_day=self.per_day.data or 0,
            per_week=self.per_week.data or 0,
            time_per_day=length(self.minutes_per_day.data),
            time_per_week=length(self.minutes_per_week.data),
        )

    @property
    def buffer_length(self) -> timedelta:
        return timedelta(minutes=self.buffer.data or 0)

    @property
    def habits(self) -> Habits:
        first, last = self.comfortable_from.data, self.comfortable_until.data
        return Habits(
            comfortable=DayHours(first, last) if first and last else None,
            preferred_blocks=self.blocks.data,
            paused_from=self.paused_from.data,
            paused_until=self.paused_until.data,
            holiday_country=self.holiday_country.data or "",
            days_off=[date.fromisoformat(line) for line in (self.days_off.data or "").split()],
            keywords=self.keywords,
        )


class InterviewerForm(LoadForm):
    first = ("name", "title", "email")

    name = StringField("Name", validators=[NAME])
    email = StringField(
        "E-mail",
        validators=[ADDRESS],
        description="The address of their Google calendar. They need not sign in.",
    )


def load_form_of(page: InterviewerPage, version: str) -> LoadForm:
    """Return the form as it stands for somebody who is there."""
    comfortable = page.comfortable
    return LoadForm(
        version=version,
        title=page.title,
        zone=page.zone.key,
        hours=page.hours,
        per_day=page.limit.per_day,
        per_week=page.limit.per_week,
        buffer=minutes(page.buffer),
        minutes_per_day=minutes(page.limit.time_per_day),
        minutes_per_week=minutes(page.limit.time_per_week),
        comfortable_from=comfortable.opens_at if comfortable else None,
        comfortable_until=comfortable.closes_at if comfortable else None,
        blocks=page.preferred_blocks,
        paused_from=page.paused_from,
        paused_until=page.paused_until,
        holiday_country=page.holiday_country,
        days_off="\n".join(day.isoformat() for day in page.days_off),
        **typed(page.keywords),
    )


def usual_hours() -> list[WorkingHours]:
    """Return what a form for somebody new starts with."""
    return [WorkingHours(day, time(9), time(17)) for day in range(5)]
