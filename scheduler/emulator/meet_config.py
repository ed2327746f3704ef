"""The configuration of a Meet space: what it may hold, and what an updateMask picks of a change."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.meet_errors import bad_field

_ON_OFF = ("OFF", "ON")
_RESTRICTION = ("NO_RESTRICTION", "HOSTS_ONLY")
_VALUES: dict[str, Any] = {
    "accessType": ("OPEN", "TRUSTED", "RESTRICTED"),
    "entryPointAccess": ("ALL", "CREATOR_APP_ONLY"),
    "moderation": _ON_OFF,
    "moderationRestrictions": {
        "chatRestriction": _RESTRICTION,
        "reactionRestriction": _RESTRICTION,
        "presentRestriction": _RESTRICTION,
        "defaultJoinAsViewerType": _ON_OFF,
    },
    "attendanceReportGenerationType": ("DO_NOT_GENERATE", "GENERATE_REPORT"),
    "artifactConfig": {
        "recordingConfig": {"autoRecordingGeneration": _ON_OFF},
        "transcriptionConfig": {"autoTranscriptionGeneration": _ON_OFF},
        "smartNotesConfig": {"autoSmartNotesGeneration": _ON_OFF},
    },
}
"""The values of SpaceConfig (DISC); where nothing else is said, the first is the default."""

_UNSPECIFIED = "_UNSPECIFIED"


def default(*, is_workspace: bool) -> Resource:
    """Return how a new space is set: "controlled by the user's admin … or RESTRICTED"."""
    return {**_first(_VALUES), "accessType": "TRUSTED" if is_workspace else "RESTRICTED"}


def created(given: Resource, fresh: Resource) -> Resource:
    """Return the configuration of a new space, or refuse it; what is left out is as in `fresh`."""
    return _settled(_laid_over(fresh, _checked(given)), fresh)


def updated(stored: Resource, given: Resource, mask: str, fresh: Resource) -> Resource:
    """Return the configuration after a patch of a Space body, or refuse it.

    Without a mask "all fields provided" change; "*" also takes back those that are not; a path such
    as "config.artifactConfig.recordingConfig" changes what it names, back to `fresh` when the body
    has nothing there.
    """
    given = _checked(given)
    paths = [_camel(path) for path in mask.split(",") if path.strip()]
    if not paths:
        return _settled(_laid_over(stored, given), fresh)
    if "*" in paths or "config" in paths:
        return _settled(_laid_over(fresh, given), fresh)
    after = stored
    for path in paths:
        after = _with(after, _parts(path), given, fresh)
    return _settled(after, fresh)


def _checked(given: object) -> Resource:
    if not isinstance(given, dict):
        raise bad_field("space.config", "Invalid value at 'space.config'")
    return _checked_part(given, _VALUES, "space.config")


def _checked_part(given: Resource, values: dict[str, Any], where: str) -> Resource:
    kept: Resource = {}
    for name, value in given.items():
        allowed = values.get(name)
        place = f"{where}.{_snake(name)}"
        if allowed is None:
            message = f"Invalid JSON payload received. Unknown name \"{name}\" at '{where}': Cannot find field."
            raise bad_field(where, message)
        if value is None:
            continue
        if isinstance(allowed, dict):
            if not isinstance(value, dict):
                raise _invalid(place, value)
            kept[name] = _checked_part(value, allowed, place)
        elif isinstance(value, str) and value.endswith(_UNSPECIFIED):
            if name == "moderation":
                raise _invalid(place, value)
        elif value in allowed:
            kept[name] = value
        else:
            raise _invalid(place, value)
    return kept


def _settled(config: Resource, fresh: Resource) -> Resource:
    """ "When moderation.OFF, [restrictions] will be reset to default"."""
    if config["moderation"] == "ON":
        return config
    return {**config, "moderationRestrictions": fresh["moderationRestrictions"]}


def _laid_over(below: Resource, above: Resource) -> Resource:
    after = dict(below)
    for name, value in above.items():
        after[name] = _laid_over(below[name], value) if isinstance(value, dict) else value
    return after


def _with(config: Resource, parts: list[str], given: Any, fresh: Resource) -> Resource:
    """Return a configuration in which one path is as in `given`, or else as in `fresh`."""
    name, below = parts[0], parts[1:]
    inner = (given or {}).get(name)
    if below:
        return {**config, name: _with(config[name], below, inner, fresh[name])}
    if isinstance(fresh[name], dict):
        return {**config, name: _laid_over(fresh[name], inner or {})}
    return {**config, name: fresh[name] if inner is None else inner}


def _parts(path: str) -> list[str]:
    """Return where a mask's path leads in the configuration; 400 for one that leads nowhere."""
    head, *parts = path.split(".")
    values: Any = _VALUES
    for part in parts:
        values = values.get(part) if isinstance(values, dict) else None
    if head != "config" or not parts or values is None:
        raise bad_field("update_mask", f"Invalid field mask path: {path}")
    return parts


def _first(values: dict[str, Any]) -> Resource:
    return {
        name: _first(below) if isinstance(below, dict) else below[0]
        for name, below in values.items()
    }


def _invalid(where: str, value: object) -> Refused:
    return bad_field(where, f"Invalid value at '{where}', \"{value}\"")


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: f"_{match[1].lower()}", name)


def _camel(path: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), path.strip())
