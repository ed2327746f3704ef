"""The firewall by structure: what candidate types can reach, what candidate templates can include,
and the ways around that mypy refuses."""

from __future__ import annotations

import dataclasses
import enum
import re
import types
import typing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta
from mypy import api

from scheduler.domain import disclosure
from scheduler.domain.booking import Rsvp
from scheduler.domain.calls import EventId, EventMarks, EventRole, RequestId
from scheduler.domain.people import Interviewer
from scheduler.domain.timespan import TimeSpan

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"

CANDIDATE_TYPES = [
    kind
    for kind in vars(disclosure).values()
    if isinstance(kind, type)
    and dataclasses.is_dataclass(kind)
    and kind.__module__ == disclosure.__name__
]
# Whoever adds to this list lets candidates learn one more kind of thing.
MAY_REACH = {
    *CANDIDATE_TYPES,
    *(EventId, EventMarks, EventRole, RequestId),
    *(disclosure.JoinUrl, disclosure.SlotKey, disclosure.LetterKind, Rsvp),
    *(TimeSpan, ZoneInfo, datetime, str, int, types.NoneType),
}
CONTAINERS = {tuple, types.UnionType, typing.Union}


def reachable_types(root: object) -> set[object]:
    """The types of a type's fields, and of their fields, and so on."""
    found: set[object] = set()
    queue: list[object] = [root]
    while queue:
        kind = queue.pop()
        origin = typing.get_origin(kind)
        if origin is not None:
            if origin not in CONTAINERS:
                found.add(origin)
            queue += [argument for argument in typing.get_args(kind) if argument is not ...]
        elif kind not in found:
            found.add(kind)
            if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                queue += typing.get_type_hints(kind).values()
    return found


def test_there_are_candidate_types_to_look_at() -> None:
    names = {kind.__name__ for kind in CANDIDATE_TYPES}
    assert {"CandidateEvent", "ChooseSlotPage", "ConfirmedPage", "CandidateLetter"} <= names


@pytest.mark.parametrize("kind", CANDIDATE_TYPES, ids=lambda kind: kind.__name__)
def test_no_candidate_type_can_reach_a_person_on_the_panel(kind: type) -> None:
    assert reachable_types(kind) <= MAY_REACH


def test_the_walk_would_find_an_interviewer_however_deep() -> None:
    @dataclasses.dataclass(frozen=True)
    class Inner:
        panel: tuple[Interviewer, ...] | None

    @dataclasses.dataclass(frozen=True)
    class Outer:
        inner: dict[str, list[Inner]]

    # get_type_hints cannot see classes of a function by name.
    Inner.__annotations__["panel"] = tuple[Interviewer, ...] | None
    Outer.__annotations__["inner"] = dict[str, list[Inner]]
    assert {Interviewer, dict, list} <= reachable_types(Outer)


def test_what_is_allowed_holds_no_open_container() -> None:
    for kind in MAY_REACH:
        if isinstance(kind, type) and not issubclass(kind, str | enum.Enum):
            assert not issubclass(kind, dict | list | set | tuple), kind


# -- templates ----------------------------------------------------------------------------------

FOR_CANDIDATES = ("candidate/", "email/", "shared/")
INCLUDES = re.compile(r"<mj-include\b[^>]*>")
PLAIN_INCLUDE = re.compile(r'<mj-include path="([a-z_]+\.mjml)" />')
# The shell includes the letter of one kind by this name (scheduler/mail/templates.py).
LETTER = "letter.mjml"


def template_files(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((TEMPLATES / folder).rglob("*"))
        if path.is_file()
    ]


def references(source: str) -> set[str | None]:
    """The templates a source names; None stands for one that is only known when it runs."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.i18n"])
    return set(meta.find_referenced_templates(environment.parse(source)))


def is_for_candidates(name: str | None) -> bool:
    return name is not None and name.startswith(FOR_CANDIDATES) and ".." not in name


@pytest.mark.parametrize(
    "path",
    template_files("candidate", "email", "shared"),
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_a_candidate_template_uses_only_templates_for_candidates(path: Path) -> None:
    used = references(path.read_text(encoding="utf-8"))
    assert [name for name in used if not is_for_candidates(name)] == []
    for name in used:
        assert name is not None
        assert (TEMPLATES / name).is_file()


@pytest.mark.parametrize("path", template_files("email"), ids=lambda path: path.name)
def test_a_mail_includes_only_mails_by_their_plain_names(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for include in INCLUDES.findall(source):
        plain = PLAIN_INCLUDE.fullmatch(include)
        assert plain, include
        assert plain[1] == LETTER or (TEMPLATES / "email" / plain[1]).is_file()


def test_the_search_sees_every_way_to_include() -> None:
    assert references("{% include 'bookings/_panel.html' %}") == {"bookings/_panel.html"}
    assert references("{% import 'a' as a %}{% from 'b' import c %}{% extends 'd' %}") == {
        *("a", "b", "d")
    }
    assert references("{% include name %}") == {None}
    assert not is_for_candidates("bookings/_panel.html")
    assert not is_for_candidates("candidate/../bookings/_panel.html")
    assert not is_for_candidates(None)


# -- mypy ---------------------------------------------------------------------------------------

# Never run. Each line with a mark must cause exactly that error, and no other line any.
WAYS_AROUND = """\
from dataclasses import dataclass, replace

from scheduler.domain.diff import SendUpdates
from scheduler.domain.disclosure import (
    CandidateCall, CandidateEvent, CandidateGuest, CandidateLetter, ConfirmedPage, SealedPayload,
    release,
)
from scheduler.domain.people import Interviewer
from scheduler.google.calendar import CalendarGateway


def attempts(
    gateway: CalendarGateway, event: CandidateEvent, page: ConfirmedPage, letter: CandidateLetter,
    dana: Interviewer,
) -> None:
    none = SendUpdates.NONE
    sealed = release(event, [dana.name, dana.email])
    gateway.insert_candidate_event("cal", sealed, send_updates=none)

    gateway.insert_candidate_event("cal", {"attendees": []}, send_updates=none)  # refused: arg-type
    gateway.insert_candidate_event("cal", event, send_updates=none)  # refused: arg-type
    gateway.insert_candidate_event("cal", sealed.as_json(), send_updates=none)  # refused: arg-type
    gateway.patch_candidate_event("cal", event, if_match="", send_updates=none)  # refused: arg-type
    SealedPayload(event.event_id, {"attendees": [dana.email]})  # refused: call-arg
    replace(event, guest=dana)  # refused: arg-type
    replace(event, panel=[dana])  # refused: call-arg
    replace(page, panel=[dana])  # refused: call-arg
    replace(letter, contact=dana)  # refused: arg-type
    CandidateCall(agenda=(), join_url=None, panel=[dana])  # refused: call-arg
    CandidateGuest(email="a@b.example", name="Ada", also=dana)  # refused: call-arg
    event.guest = CandidateGuest(email=dana.email, name=dana.name)  # refused: misc
    event.panel = [dana]  # refused: attr-defined


class Leaky(CandidateEvent):  # refused: misc
    panel: list[Interviewer]
"""
# Other modules are left alone: this looks at the firewall, and has to be quick. Google's stubs
# alone are a minute's reading.
MYPY_INI = """\
[mypy]
strict = True
follow_imports = skip
error_summary = False
pretty = False
show_error_context = False
[mypy-googleapiclient.*]
follow_imports = skip
follow_imports_for_stubs = True
"""
CHECKED = ["scheduler/domain", "scheduler/google/calendar.py"]


def test_mypy_refuses_every_way_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippet = tmp_path / "ways_around.py"
    snippet.write_text(WAYS_AROUND, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    config = tmp_path / "mypy.ini"
    config.write_text(MYPY_INI, encoding="utf-8")
    report, trouble, _ = api.run(
        [f"--config-file={config}", f"--cache-dir={tmp_path}", *CHECKED, str(snippet)]
    )
    assert trouble == ""
    lines = re.findall(r"ways_around\.py:(\d+): error: .*\[([a-z-]+)\]$", report, re.MULTILINE)
    wanted = {
        (number, line.partition("# refused: ")[2])
        for number, line in enumerate(WAYS_AROUND.splitlines(), start=1)
        if "# refused: " in line
    }
    assert {(int(number), code) for number, code in lines} == wanted
