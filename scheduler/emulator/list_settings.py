"""What a person may set for a calendar on their list: its colours, reminders and notifications."""

from __future__ import annotations

from scheduler.emulator import errors, palette
from scheduler.emulator.errors import Resource

WRITABLE = (
    "summaryOverride", "colorId", "backgroundColor", "foregroundColor", "hidden", "selected",
    "defaultReminders", "notificationSettings",
)  # fmt: skip
_FOREGROUND = "#000000"
_REMINDER_METHODS = ("email", "popup")
_MOST_REMINDERS, _REMINDER_MINUTES_MAX = 5, 40320
_NOTIFICATIONS = ("eventCreation", "eventChange", "eventCancellation", "eventResponse", "agenda")
FRESH: Resource = {
    "colorId": "14",
    "backgroundColor": palette.calendar_background("14"),
    "foregroundColor": _FOREGROUND,
    "defaultReminders": [],
}
"""What a calendar looks like that has just been added."""

OF_OWN_MAKING: Resource = {"selected": True}
OF_PRIMARY: Resource = {
    "selected": True,
    "defaultReminders": [{"method": "popup", "minutes": 10}],
    "notificationSettings": {
        "notifications": [{"type": kind, "method": "email"} for kind in _NOTIFICATIONS[:4]]
    },
}
"""What Google gives a newcomer: a pop-up ten minutes before, mail about invitations."""


def merged(before: Resource, given: Resource, *, is_rgb: bool) -> Resource:
    """Return what a person has set after a write; null and false are what is not there."""
    changes = {name: given[name] for name in WRITABLE if name in given}
    changes |= _colours(changes, is_rgb=is_rgb)
    if changes.get("defaultReminders"):
        changes["defaultReminders"] = _checked_reminders(changes["defaultReminders"])
    if changes.get("notificationSettings"):
        changes["notificationSettings"] = _checked_notifications(changes["notificationSettings"])
    after = {**before, **changes}
    if after.get("hidden"):
        after["selected"] = False
    return {name: value for name, value in after.items() if value not in (None, False, "", {})}


def _colours(changes: Resource, *, is_rgb: bool) -> Resource:
    """Return colorId, background and foreground that belong together.

    "This property supersedes the index-based colorId property. To set or change this property, you
    need to specify colorRgbFormat=true"; without it the RGB fields of a body say nothing.
    """
    background = changes.pop("backgroundColor", None)
    foreground = changes.pop("foregroundColor", None)
    color_id = changes.pop("colorId", None)
    if is_rgb and (background or foreground):
        for colour in (background, foreground):
            if colour is not None and not palette.is_rgb(colour):
                raise errors.invalid("Invalid color.")
        chosen: Resource = {"foregroundColor": foreground} if foreground else {}
        if background:
            chosen |= {
                "backgroundColor": background,
                "colorId": palette.nearest_calendar_color(background),
            }
        return chosen
    if color_id is None:
        return {}
    known = palette.calendar_background(color_id)
    if known is None:
        raise errors.invalid("Invalid color id.")
    return {"colorId": color_id, "backgroundColor": known, "foregroundColor": _FOREGROUND}


def _checked_reminders(given: list[Resource]) -> list[Resource]:
    if len(given) > _MOST_REMINDERS:
        raise errors.invalid("The maximum number of default reminders is 5.")
    for reminder in given:
        minutes = reminder.get("minutes")
        if minutes is None or not 0 <= minutes <= _REMINDER_MINUTES_MAX:
            raise errors.invalid("Invalid reminder minutes value.")
        if reminder.get("method") not in _REMINDER_METHODS:
            raise errors.invalid("Invalid reminder method.")
    return [{"method": one["method"], "minutes": one["minutes"]} for one in given]


def _checked_notifications(given: Resource) -> Resource:
    kept = []
    for entry in given.get("notifications") or []:
        if entry.get("type") not in _NOTIFICATIONS or entry.get("method") != "email":
            raise errors.invalid("Invalid notification.")
        kept.append({"type": entry["type"], "method": "email"})
    return {"notifications": kept} if kept else {}
