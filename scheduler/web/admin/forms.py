"""The forms of the admin pages. What may be kept is decided by commands.checks; forms say it in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # types-WTForms is behind
from wtforms.validators import ValidationError

from scheduler.clock import utc_now
from scheduler.commands import checks
from scheduler.commands.checks import Refused
from scheduler.domain.people import Role, Standing
from scheduler.web import presentation


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


def lines(text: str | None) -> str | None:
    """Return what was typed with line breaks as they are kept: browsers send them as CR LF."""
    return None if text is None else "\n".join(text.splitlines())


def minutes(length: timedelta | None) -> int | None:
    """Return a length as a form shows it."""
    return None if length is None else length // timedelta(minutes=1)


def length(minutes: int | None) -> timedelta | None:
    """Return what a form's minutes mean; nothing for an empty field or nought."""
    return timedelta(minutes=minutes) if minutes else None


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


class NewPoolForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        "Name",
        validators=[NAME],
        description="What its people can interview for, such as System design.",
    )


class NewRoomForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", validators=[NAME], description="Visitors read it, such as Aurora.")
    site = StringField(
        "Site",
        validators=[NAME],
        description="Such as Berlin. All interviews of a day are at one site.",
    )
    email = StringField(
        "Calendar address",
        validators=[ADDRESS],
        description=(
            "Of the resource in Google, often ending in resource.calendar.google.com. "
            "Share its free/busy with the scheduling account."
        ),
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
