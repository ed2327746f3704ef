"""How things look in words: times, lengths and names as people read them, and where templates find them.

Also the shapes that the shared templates draw: the navigation and the week grid. Moments and names go in,
text comes out; nothing here knows a booking.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from wsgiref.headers import Headers
from zoneinfo import ZoneInfo

from babel import Locale, dates
from babel.units import format_unit
from flask import Flask, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup
from whitenoise import WhiteNoise

from scheduler.web import headers

# The one place that decides the language of dates and numbers. British: day before month, 24 hours.
LOCALE = Locale.parse("en_GB")

PACKAGE = Path(__file__).resolve().parents[1]
STATIC = PACKAGE / "static"
DIST = STATIC / "dist"

HUES = 8
HALF_A_DAY = timedelta(hours=12)
JUST_NOW = timedelta(seconds=45)
UNITS = (
    timedelta(days=365),
    timedelta(days=30),
    timedelta(weeks=1),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
)
ANTARCTICA = "AQ"  # its stations double the head of the list, and nobody is interviewed there


class AssetsMissing(Exception):
    """The front end has not been built."""


class UnknownIcon(Exception):
    """The sprite has no icon of that name: scheduler/assets/icons.mjs lists those it has."""


# ── Into the application ──────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One place to go, in the recruiter's navigation."""

    href: str
    icon: str
    label: str
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who is signed in, as the navigation shows it."""

    name: str
    detail: str
    sign_out_href: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """Where the built-in emulator shows what it stands in for."""

    calendars_href: str
    mail_href: str


def install(
    app: Flask,
    *,
    company: str,
    emulator_url: str | None,
    navigation: Callable[[], Sequence[NavItem]] = lambda: (),
    signed_in: Callable[[], SignedIn | None] = lambda: None,
) -> None:
    """Give the templates of `app` their folder, filters and globals.

    `navigation` and `signed_in` are called by the recruiter's layout only, so that neither an error page
    nor a candidate's page ever asks the database who somebody is.
    """
    app.template_folder = str(template_folder())
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update({function.__name__: function for function in FILTERS})
    environment.tests["made_from"] = made_from
    environment.globals.update(
        asset=asset,
        icon=icon,
        hx=hx,
        nonce=headers.nonce,
        locale=LOCALE,
        company=company,
        demonstration=_demonstration(emulator_url),
        navigation=navigation,
        signed_in=signed_in,
        is_candidate_page=headers.is_candidate_page,
        zone_choices=zone_choices,
    )


def static_files(app: Flask) -> None:
    """Serve the built front end ahead of the application, compressed and cached for ever.

    Flask's own route stands behind it: it names the URLs, and answers for what is built later.
    """
    if not app.has_static_folder:
        app.static_folder = str(STATIC)
        app.add_url_rule(
            f"{app.static_url_path}/<path:filename>",
            endpoint="static",
            view_func=app.send_static_file,
        )
    if not DIST.is_dir():
        return
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=DIST,
        prefix=f"{app.static_url_path}/dist/",
        immutable_file_test=lambda path, url: path.endswith((".js", ".css", ".svg", ".woff2")),
        allow_all_origins=False,
        add_headers_function=_static_headers,
    )


def template_folder() -> Path:
    """Return the templates: at the top of a checkout, inside the package when installed from a wheel."""
    checkout = PACKAGE.parent / "templates"
    return checkout if (checkout / "shared" / "base.html").exists() else PACKAGE / "templates"


def _demonstration(emulator_url: str | None) -> Demonstration | None:
    if emulator_url is None:
        return None
    home = emulator_url.rstrip("/")
    return Demonstration(calendars_href=f"{home}/calendar", mail_href=f"{home}/mail")


def _static_headers(response_headers: Headers, path: str, url: str) -> None:
    for name, value in headers.SAME_FOR_ALL.items():
        response_headers.add_header(name, value)


# ── Files, icons, attributes ──────────────────────────────────────────────────


def asset(name: str) -> str:
    """Return the URL of a built file by its plain name, such as "app.css"."""
    return url_for("static", filename=f"dist/{_built('manifest.json')[name]}")


def _built(name: str) -> Any:
    path = DIST / name
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsMissing(
            "The front end has not been built. Run: python scheduler/assets/build_assets.py"
        ) from None


@lru_cache(maxsize=8)
def _read(path: Path, built_at: int) -> Any:
    return json.loads(path.read_text())


def icon(name: str, classes: str = "", *, label: str = "") -> Markup:
    """Draw an icon of the sprite. Beside words it is decoration; alone it needs a `label`."""
    if name not in _built("icons.json"):
        raise UnknownIcon(name)
    use = Markup('<use href="{}#{}"/>').format(asset("icons.svg"), name)
    css = f"icon {classes}".strip()
    if label:
        return Markup('<svg class="{}" role="img" aria-label="{}">{}</svg>').format(css, label, use)
    return Markup('<svg class="{}" aria-hidden="true">{}</svg>').format(css, use)


def hx(**attributes: str) -> Markup:
    """Write htmx attributes with the nonce without which the browser ignores them.

    `hx(get=url, trigger="every 3s", swap="outerMorph")`; an underscore stands for a dash.
    """
    pairs = {"nonce": headers.nonce(), **attributes}
    return Markup(" ").join(
        Markup('hx-{}="{}"').format(name.rstrip("_").replace("_", "-"), value)
        for name, value in pairs.items()
    )


def made_from(field: object, name: str) -> bool:
    """Whether a form's field is of the class of that name, or of one made from it."""
    return any(parent.__name__ == name for parent in type(field).__mro__)


# ── Times ─────────────────────────────────────────────────────────────────────


def clock_time(moment: datetime, zone: str | tzinfo) -> str:
    """10:00"""
    return dates.format_time(_in_zone(moment, zone).time(), "short", locale=LOCALE)


def time_range(start: datetime, end: datetime, zone: str | tzinfo) -> str:
    """10:00–11:00, 23:00–00:30, or, where it goes on on another day: 15:00 to Thu 26 Nov, 11:15"""
    on = last_day(start, end, zone)
    until = clock_time(end, zone)
    return (
        f"{clock_time(start, zone)} to {on}, {until}"
        if on
        else f"{clock_time(start, zone)}–{until}"
    )


def last_day(start: datetime, end: datetime, zone: str | tzinfo) -> str:
    """Thu 26 Nov, where something goes on on another day; nothing where it is over by the morning after."""
    last = _day(end - timedelta.resolution, zone)
    goes_on = last != _day(start, zone) and end - start > HALF_A_DAY
    return short_day(last) if goes_on else ""


def day_name(day: date | datetime, zone: str | tzinfo | None = None) -> str:
    """Tuesday 24 November"""
    return dates.format_skeleton("MMMMEEEEd", _day(day, zone), locale=LOCALE)


def short_day(day: date | datetime, zone: str | tzinfo | None = None) -> str:
    """Tue 24 Nov"""
    return dates.format_skeleton("MMMEd", _day(day, zone), locale=LOCALE)


def weekday(day: date) -> str:
    """Tue"""
    return dates.format_date(day, "EEE", locale=LOCALE)


def full_day(day: date | datetime, zone: str | tzinfo | None = None) -> str:
    """Tuesday, 24 November 2026"""
    return dates.format_date(_day(day, zone), "full", locale=LOCALE)


def day_and_time(start: datetime, zone: str | tzinfo, end: datetime | None = None) -> str:
    """Tue 24 Nov, 10:00, or with an end: Tue 24 Nov, 10:00–11:00"""
    hours = clock_time(start, zone) if end is None else time_range(start, end, zone)
    return f"{short_day(start, zone)}, {hours}"


def date_range(first: date, last: date) -> str:
    """23–27 Nov 2026"""
    return dates.format_interval(first, last, "yMMMd", locale=LOCALE)


def duration(length: timedelta) -> str:
    """1 hour 30 minutes (not called `length`: Jinja has a filter of that name)"""
    return _duration(length, "long")


def short_duration(length: timedelta) -> str:
    """1 hr 30 mins"""
    return _duration(length, "short")


def ago(moment: datetime, now: datetime) -> str:
    """just now, 5 minutes ago, in 3 hours: whole units only, never rounded up."""
    distance = moment - now
    if abs(distance) < JUST_NOW:
        return "just now"
    whole = _whole_units(distance)
    return dates.format_timedelta(whole, threshold=1, add_direction=True, locale=LOCALE)


def iso(moment: datetime) -> str:
    """2026-11-24T10:00:00Z, for the datetime attribute of <time>."""
    return _in_zone(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_zone(moment: datetime, zone: str | tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone is nobody's time")
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _day(day: date | datetime, zone: str | tzinfo | None) -> date:
    if not isinstance(day, datetime):
        return day
    if zone is None:
        raise ValueError("which day a moment falls on depends on a zone")
    return _in_zone(day, zone).date()


def _duration(length: timedelta, width: Literal["long", "short"]) -> str:
    minutes = round(length / timedelta(minutes=1))
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "duration-day"), (hours, "duration-hour"), (minutes, "duration-minute")]
    words = [format_unit(n, unit, width, locale=LOCALE) for n, unit in parts if n]
    return " ".join(words) or format_unit(0, "duration-minute", width, locale=LOCALE)


def _whole_units(distance: timedelta) -> timedelta:
    size, sign = abs(distance), -1 if distance < timedelta(0) else 1
    for unit in UNITS:
        if size >= unit:
            return sign * (size // unit) * unit
    return sign * timedelta(minutes=1)


# ── Zones ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChoice:
    """A line of the time-zone menu."""

    name: str
    label: str


def zone_city(zone: str) -> str:
    """London"""
    location = dates.get_timezone_location(zone, locale=LOCALE, return_city=True)
    return location.rpartition("/")[2]


def utc_offset(zone: str | tzinfo, at: datetime) -> str:
    """UTC+1, UTC−3:30, UTC"""
    offset = _in_zone(at, zone).utcoffset() or timedelta(0)
    if not offset:
        return "UTC"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "−" if offset < timedelta(0) else "+"
    return f"UTC{sign}{hours}:{minutes:02}" if minutes else f"UTC{sign}{hours}"


def zone_short(zone: str | tzinfo, at: datetime) -> str:
    """CET, and where the zone has no letters of its own: UTC+5:30"""
    letters = _in_zone(at, zone).tzname() or ""
    return letters if letters.isalpha() else utc_offset(zone, at)


def zone_choices(at: datetime, including: str | None = None) -> Sequence[ZoneChoice]:
    """Return the zones of the world by their offset at that time, west to east.

    `including` joins the list if it is missing: browsers may report a name the list knows by another.
    """
    names = _zones_of_the_world()
    if including is not None and including not in names:
        names = (*names, including)
    by_offset = sorted(names, key=lambda name: (_in_zone(at, name).utcoffset(), zone_city(name)))
    return [
        ZoneChoice(name=name, label=f"{zone_city(name)} ({utc_offset(name, at)})")
        for name in by_offset
    ]


@cache
def _zones_of_the_world() -> tuple[str, ...]:
    table = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return (*(row[2] for row in rows if row[0] != ANTARCTICA), "UTC")


# ── Names and counts ──────────────────────────────────────────────────────────


def initials(name: str) -> str:
    """Dana van der Berg → DB, dana@northwind.example → D"""
    words = name.partition("@")[0].replace(".", " ").split()
    letters = [word[0].upper() for word in words]
    return "".join(letters[:1] + letters[1:][-1:])


def hue(name: str) -> str:
    """The class of a person's colour, the same on every page: h1 to h8"""
    return f"h{zlib.crc32(name.casefold().encode()) % HUES + 1}"


def counted(number: int, one: str, many: str) -> str:
    """1 time, 3 times"""
    return f"{number} {one if number == 1 else many}"


FILTERS: tuple[Callable[..., object], ...] = (
    clock_time,
    time_range,
    last_day,
    day_name,
    short_day,
    weekday,
    full_day,
    day_and_time,
    date_range,
    duration,
    short_duration,
    ago,
    iso,
    zone_city,
    utc_offset,
    zone_short,
    initials,
    hue,
    counted,
)


# ── The week grid ─────────────────────────────────────────────────────────────

ROW = timedelta(minutes=15)
ROWS_PER_HOUR = 4
MOST_LANES = 12  # as many as the style sheet has classes for


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of somebody's day. `spoken` is what a screen reader says for it."""

    kind: Literal["busy", "tentative", "off", "interview", "hold"]
    row: int
    rows: int
    spoken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One person's column in one day."""

    name: str
    blocks: Sequence[Block] = ()
    is_optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the candidate can, behind all lanes."""

    row: int
    rows: int
    spoken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCard:
    """A time to choose, across all lanes. `spoken` starts with what the card shows."""

    key: str
    row: int
    rows: int
    label: str
    spoken: str
    sublabel: str = ""
    marks: Sequence[Literal["free", "tentative", "busy", "optional"]] = ()  # one a lane
    tone: Literal["free", "warning", "problem"] = "free"
    is_selected: bool = False
    href: str = ""  # for a grid whose times are links


@dataclass(frozen=True, slots=True, kw_only=True)
class GridDay:
    """One day of the grid. Every day has the same people in the same order."""

    on: date
    lanes: Sequence[Lane]
    windows: Sequence[Window] = ()
    slots: Sequence[SlotCard] = ()
    is_today: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time zone the hours are written in, and for whom: "Ada", "GMT"."""

    whose: str
    zone: str
    hours: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGrid:
    """All that `shared/_week_grid.html` draws."""

    title: str
    hours: int
    clocks: Sequence[Clock]  # the last one is the reader's own
    days: Sequence[GridDay]
    choice: Literal["radio", "checkbox", "submit", "link"] = "radio"
    name: str = "slot"
    form: str = ""  # id of the form that the times belong to, when the grid stands outside it
    window_label: str = ""  # "Ada can", for the legend

    def __post_init__(self) -> None:
        if any(len(day.lanes) > MOST_LANES for day in self.days):
            raise ValueError(f"a week grid has room for {MOST_LANES} people")

    @property
    def shown(self) -> frozenset[str]:
        """What the legend explains: the kinds of block and of time that do occur."""
        blocks = {block.kind for day in self.days for lane in day.lanes for block in lane.blocks}
        slots = [slot for day in self.days for slot in day.slots]
        chosen = {"chosen"} if any(slot.is_selected for slot in slots) else set()
        return frozenset(blocks | {slot.tone for slot in slots} | chosen)

    @property
    def has_short_slots(self) -> bool:
        """Whether some time lasts one row only: rows are then drawn taller, to stay easy to hit."""
        return any(slot.rows == 1 for day in self.days for slot in day.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a day of the grid."""

    row: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GridHours:
    """The hours a grid shows, by the clock on the reader's wall."""

    first_hour: int
    last_hour: int
    zone: ZoneInfo

    @property
    def hours(self) -> int:
        return self.last_hour - self.first_hour

    def place(self, on: date, start: datetime, end: datetime) -> Place | None:
        """Return where that stretch of time stands on that day, or None when none of it does."""
        top = datetime.combine(on, time(self.first_hour))
        first = (_wall(start, self.zone) - top) // ROW
        last = -((top - _wall(end, self.zone)) // ROW)
        first, last = max(first, 0), min(last, self.hours * ROWS_PER_HOUR)
        return Place(row=first, rows=last - first) if first < last else None

    def clock(self, whose: str, zone: ZoneInfo, on: date) -> Clock:
        """Return the hours of that day as somebody in `zone` reads them."""
        starts = [
            datetime.combine(on, time(hour % 24), self.zone)
            for hour in range(self.first_hour, self.last_hour)
        ]
        return Clock(
            whose=whose,
            zone=zone_short(zone, starts[0]),
            hours=[clock_time(start, zone) for start in starts],
        )


def people_of(days: Iterable[GridDay]) -> Sequence[Lane]:
    """Return the people of a grid: those of its first day."""
    return next((day.lanes for day in days), ())


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return _in_zone(moment, zone).replace(tzinfo=None)
