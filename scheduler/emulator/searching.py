"""Finding events by text and by properties, in what the caller may see of them."""

from __future__ import annotations

from scheduler.emulator.errors import Resource

_KEYWORDS = {
    "outOfOffice": ("out of office", "abwesend", "absent"),
    "focusTime": ("focus time", "fokuszeit"),
    "homeOffice": ("home", "zuhause", "domicile"),
    "officeLocation": ("office", "büro", "bureau"),
}
"""Some of the "predefined keywords" for kinds of events; Google has them in all its languages."""


def is_found(event: Resource, text: str, private: tuple[str, ...], shared: tuple[str, ...]) -> bool:
    """Say whether an event as shown holds all words of `text` and all name=value properties."""
    properties = event.get("extendedProperties") or {}
    for kind, wanted in (("private", private), ("shared", shared)):
        for pair in wanted:
            name, _, value = pair.partition("=")
            if (properties.get(kind) or {}).get(name) != value:
                return False
    haystack = " ".join(_texts(event)).casefold()
    return all(word in haystack for word in text.casefold().split())


def _texts(event: Resource) -> list[str]:
    """Return the texts that the reference names for `q`."""
    texts = [str(event.get(name, "")) for name in ("summary", "description", "location")]
    for person in (*(event.get("attendees") or ()), event.get("organizer") or {}):
        texts += [str(person.get("displayName", "")), str(person.get("email", ""))]
    place = event.get("workingLocationProperties") or {}
    office, custom = place.get("officeLocation") or {}, place.get("customLocation") or {}
    texts += [str(office.get(name, "")) for name in ("buildingId", "deskId", "label")]
    texts.append(str(custom.get("label", "")))
    texts += _KEYWORDS.get(str(event.get("eventType")), ())
    texts += _KEYWORDS.get(str(place.get("type")), ())
    return texts
