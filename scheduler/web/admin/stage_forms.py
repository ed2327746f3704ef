"""The forms of interview plans: a role, its stages, their interviews and seats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # types-WTForms is behind
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, Lunch, Order, Rest, SeatKind
from scheduler.web.admin.forms import (
    LINE,
    NAME,
    PARAGRAPHS,
    OrderedForm,
    choices,
    length,
    lines,
)

MOST_INTERVIEWS = 8  # in one stage
PERSON = "person-"


class SourceField(SelectField):
    """Who fills a seat: a pool, by its id, or somebody by name; empty for nobody."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, default="", **more)


class WordingForm(OrderedForm):
    """What candidates read about a stage."""

    public_title = StringField(
        "Public title", validators=[NAME], description="Candidates see it in their calendar."
    )
    public_notes = TextAreaField(
        "What candidates should know",
        validators=[PARAGRAPHS],
        filters=[lines],
        description="Do not name the panel here.",
    )
    location = StringField(
        "Location", validators=[LINE], description="Where candidates go to, if it is on site."
    )


class RewordingForm(WordingForm):
    """The words of a stage that is there already, and what was looked at when the change began."""

    version = HiddenField()


class InterviewPart(Form):
    """One interview of a stage. Part of a form, so without a CSRF token of its own."""

    interview_title = StringField("Title", validators=[NAME], description="Candidates see it.")
    focus = TextAreaField(
        "Focus", validators=[PARAGRAPHS], filters=[lines], description="For the panel only."
    )
    minutes = IntegerField(
        "Minutes",
        default=45,
        validators=[InputRequired("Enter a number."), NumberRange(5, 480, "Between 5 and 480.")],
    )
    lead = SourceField("Led by somebody of")
    second = SourceField("With a second of")
    shadow = SourceField("Watched by a trainee of")
    lead_or = SourceField("Led by somebody of, or else of")
    lead_or_else = SourceField("Led by, or else")
    second_or = SourceField("Second, or else of")
    second_optional = BooleanField("The second may be missing")
    shadow_or = SourceField("Watching trainee, or else of")
    reverse_shadow = SourceField("Led by a trainee of, beside the lead")
    reverse_shadow_optional = BooleanField("The leading trainee may be missing")
    observer = SourceField("Observed by somebody of")
    rooms = SelectMultipleField(
        "Rooms",
        coerce=int,
        description="Any one that is free will do. None: the interview needs no room.",
    )
    after = StringField(
        "Held after the interviews no.",
        default="",
        description="Numbers of this form, such as 1, 2. They end before this one starts.",
    )

    @property
    def has_more(self) -> bool:
        """Was anything of what is rarely needed filled in?"""
        rare = (
            *(self.lead_or, self.lead_or_else, self.second_or, self.shadow_or),
            *(self.reverse_shadow, self.observer),
        )
        return bool(
            any(field.data or field.errors for field in rare)
            or self.second_optional.data
            or self.reverse_shadow_optional.data
        )

    def offer(
        self,
        pools: Sequence[tuple[int, str]],
        people: Sequence[tuple[int, str]],
        rooms: Sequence[tuple[int, str]],
    ) -> None:
        """Let seats be filled from these pools, or by these people, and let it be in these rooms."""
        self.rooms.choices = choices(rooms)
        by_pool = [(str(pool_id), name) for pool_id, name in pools]
        by_name = [(f"{PERSON}{person_id}", name) for person_id, name in people]
        for field in self:
            if isinstance(field, SourceField):
                nobody = [] if field.short_name == "lead" else [("", "Nobody")]
                field.choices = choices(nobody + by_pool) + [
                    SelectChoice(value, name, optgroup="By name") for value, name in by_name
                ]

    def validate_after(self, field: Field) -> None:
        if not re.fullmatch(r"[\d,\s]*", field.data or ""):
            raise ValidationError("Enter numbers of interviews, such as 1, 2.")

    @property
    def earlier(self) -> list[int]:
        """Return the positions of those that end before this one starts."""
        return [int(number) - 1 for number in re.findall(r"\d{1,3}", self.after.data or "")]

    def draft(self) -> InterviewDraft:
        seats = (
            (SeatKind.LEAD, (self.lead, self.lead_or, self.lead_or_else), False),
            (SeatKind.SECOND, (self.second, self.second_or), self.second_optional.data),
            (SeatKind.SHADOW, (self.shadow, self.shadow_or), False),
            (
                SeatKind.REVERSE_SHADOW,
                (self.reverse_shadow,),
                self.reverse_shadow_optional.data,
            ),
            (SeatKind.OBSERVER, (self.observer,), False),
        )
        return InterviewDraft(
            title=self.interview_title.data or "",
            focus=self.focus.data or "",
            length=timedelta(minutes=self.minutes.data or 0),
            seats=tuple(
                _seat(kind, [field.data for field in fields if field.data], may_be_empty)
                for kind, fields, may_be_empty in seats
                if any(field.data for field in fields)
            ),
            rooms=tuple(self.rooms.data or ()),
        )


def _seat(kind: SeatKind, sources: Sequence[str], may_be_empty: bool) -> SeatDraft:
    return SeatDraft(
        kind,
        pools=tuple(int(each) for each in sources if not each.startswith(PERSON)),
        people=tuple(int(each.removeprefix(PERSON)) for each in sources if each.startswith(PERSON)),
        is_optional=may_be_empty,
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
    order = SelectField(
        "Order",
        choices=choices(
            ((Order.FIXED.value, "As they are listed here"), (Order.ANY.value, "Any that fits"))
        ),
        default=Order.FIXED.value,
    )
    most_days = SelectField(
        "On",
        coerce=int,
        choices=choices(((1, "One day"), (2, "Up to two days"), (3, "Up to three days"))),
        default=1,
    )
    longest_day = IntegerField(
        "Longest day",
        validators=[Optional(), NumberRange(5, 1440, "Between 5 and 1440.")],
        description="Minutes from first to last. Empty: as long as it takes.",
    )
    has_lunch = BooleanField("Keep lunch free, on days that go past it")
    lunch_minutes = IntegerField(
        "Minutes of lunch",
        default=45,
        validators=[Optional(), NumberRange(5, 240, "Between 5 and 240.")],
    )
    lunch_opens_at = TimeField("Not before", default=time(12), validators=[Optional()])
    lunch_closes_at = TimeField("Over by", default=time(14), validators=[Optional()])
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
    people_repeat = BooleanField("Somebody may sit in more than one interview")
    interviews = InterviewParts(
        FormField(InterviewPart), "Interviews", min_entries=1, max_entries=MOST_INTERVIEWS
    )

    def offer(
        self,
        pools: Sequence[tuple[int, str]],
        people: Sequence[tuple[int, str]],
        rooms: Sequence[tuple[int, str]],
    ) -> None:
        """Let interviews have these people, from these pools or by name, and these rooms."""
        for part in self.interviews:
            part.form.offer(pools, people, rooms)

    def validate_has_lunch(self, field: Field) -> None:
        lunch = (self.lunch_minutes, self.lunch_opens_at, self.lunch_closes_at)
        if field.data and not all(each.data for each in lunch):
            raise ValidationError("Say how long lunch takes, from when, and until when.")

    def validate_rest_after(self, field: Field) -> None:
        if field.data and not self.rest_length.data:
            raise ValidationError("Enter both, or neither.")

    def validate_rest_length(self, field: Field) -> None:
        if field.data and not self.rest_after.data:
            raise ValidationError("Enter both, or neither.")

    @property
    def lunch(self) -> Lunch | None:
        opens, closes = self.lunch_opens_at.data, self.lunch_closes_at.data
        if not self.has_lunch.data or opens is None or closes is None:
            return None
        return Lunch(timedelta(minutes=self.lunch_minutes.data or 0), opens, closes)

    @property
    def rest(self) -> Rest | None:
        after, rest = length(self.rest_after.data), length(self.rest_length.data)
        return Rest(after=after, length=rest) if after and rest else None

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
            order=Order(self.order.data),
            before=tuple(
                (earlier, later)
                for later, part in enumerate(self.interviews)
                for earlier in part.form.earlier
            ),
            most_days=self.most_days.data,
            longest_day=length(self.longest_day.data),
            lunch=self.lunch,
            rest=self.rest,
            people_repeat=self.people_repeat.data,
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
