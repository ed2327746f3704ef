"""Every shared component on a few pages, with an invented cast. Looked at by people, driven by test_gallery.

python -m tests.assets.gallery FOLDER      pictures of all pages: light and dark, desktop and phone
python -m tests.assets.gallery             serves them on http://localhost:8099
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, NumberRange

from scheduler.domain.timespan import TimeSpan
from scheduler.web import headers, presentation
from scheduler.web.presentation import (
    Block,
    GridDay,
    GridHours,
    Lane,
    NavItem,
    SignedIn,
    SlotCard,
    WeekGrid,
    Window,
)

BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)
HOURS = GridHours(first_hour=8, last_hour=18, zone=BERLIN)
PANEL = ("Dana Whitfield", "Femi Adeyemi", "Chiara Lombardi", "Jonas Brandt", "Elif Kaya")
STATUSES = (400, 404, 409, 410, 413, 422, 429, 500, 503)


def _choices(**labels: str) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in labels.items()]


class PlanForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField("Name of the plan", validators=[InputRequired("Give the plan a name.")])
    minutes = IntegerField(
        "Length in minutes",
        validators=[NumberRange(15, 240, "Between 15 and 240 minutes.")],
        default=60,
    )
    stage = SelectField(
        "Stage", choices=_choices(screen="Phone screen", onsite="On-site", final="Final")
    )
    days = SelectMultipleField(
        "Days", choices=_choices(mon="Monday", tue="Tuesday", wed="Wednesday")
    )
    calls = RadioField(
        "Calls",
        choices=_choices(interview="One call per interview", day="One call per loop day"),
        default="interview",
    )
    notes = TextAreaField("Notes for the panel", description="The candidate never sees these.")
    is_recorded = BooleanField("Ask the panel to write a scorecard on the same day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    key: str
    starts_at: datetime

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(self.starts_at, self.starts_at + timedelta(minutes=45))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    href: str
    label: str
    is_current: bool = False
    count: int | None = None


def gallery_app() -> Flask:
    app = Flask("scheduler", root_path=str(presentation.PACKAGE))
    app.config.update(SECRET_KEY="only for pictures", WTF_CSRF_ENABLED=True)
    CSRFProtect(app)
    headers.set_headers(
        app, public_url="http://localhost:8099", issuer_origin="http://localhost:8001"
    )
    presentation.install(
        app,
        company="Northwind",
        emulator_url="http://localhost:8001",
        navigation=_navigation,
        signed_in=_signed_in,
    )
    presentation.static_files(app)
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(presentation.template_folder()),
            FileSystemLoader(Path(__file__).parent / "templates"),
        ]
    )
    _add_pages(app)
    return app


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def components() -> str:
        flash("Ada has been told about the new time.", "success")
        return render_template("components.html", now=NOW, panel=PANEL, tabs=_tabs())

    @app.route("/form", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        form = PlanForm()
        if form.validate_on_submit():
            flash(f"Saved {form.name.data}.", "success")
            return redirect(url_for("form"), 303)
        return render_template("form.html", form=form), 422 if form.errors else 200

    @app.route("/schedule", methods=["GET", "POST"])
    def schedule() -> str:
        chosen = set(request.form.getlist("slot")) or {"wed-1015", "tue-1530"}
        return render_template("schedule.html", grid=_grid(chosen), panel=PANEL)

    @app.get("/short")
    def short() -> str:
        return render_template("schedule.html", grid=_short_grid(), panel=PANEL)

    @app.get("/clock")
    def clock() -> str:
        return render_template("_clock.html", seen=request.args.get("seen", "0"))

    @app.get("/i/demo")
    def choose() -> str:
        return render_template("candidate/choose_demo.html", days=_days(), zone=_zone(), at=NOW)

    @app.get("/i/demo/availability")
    def availability() -> str:
        times = [(f"{hour:02}:00", f"{hour:02}:00") for hour in range(8, 19)]
        days = [MONDAY + timedelta(days=n) for n in range(3)]
        return render_template("candidate/availability_demo.html", days=days, times=times)

    @app.get("/i/demo/booked")
    def booked() -> str:
        start = datetime(2026, 11, 24, 10, tzinfo=UTC)
        return render_template(
            "candidate/booked_demo.html", start=start, end=start + timedelta(hours=1), zone=_zone()
        )

    for prefix in ("", "/i"):

        @app.get(f"{prefix}/status/<int:code>", endpoint=f"status{prefix}")
        def status(code: int) -> str:
            if code not in STATUSES:
                abort(404)
            return render_template(f"errors/{code}.html")


def _zone() -> str:
    return request.args.get("zone", "Europe/London")


def _navigation() -> list[NavItem]:
    """Return what an admin may open; all but the last three are everybody's."""
    here = request.path
    return [
        NavItem(href="/", icon="inbox", label="Work queue", is_current=here == "/", count=14),
        NavItem(href="/c", icon="person", label="Candidates"),
        NavItem(href="/i", icon="people", label="Interviewers"),
        NavItem(href="/p", icon="list-unordered", label="Pools"),
        NavItem(href="/l", icon="checklist", label="Plans"),
        NavItem(href="/r", icon="location", label="Rooms"),
        NavItem(href="/schedule", icon="clock", label="Scheduling", is_current=here == "/schedule"),
        NavItem(href="/a", icon="plug", label="Connection"),
        NavItem(href="/form", icon="key", label="People", is_current=here == "/form"),
    ]


def _signed_in() -> SignedIn:
    return SignedIn(
        name="Priya Raman", detail="Recruiter · Berlin", sign_out_href="/logout", href="/me"
    )


def _tabs() -> list[Tab]:
    return [
        Tab(href="/", label="Needs you", is_current=True, count=3),
        Tab(href="/form", label="Waiting", count=11),
        Tab(href="/schedule", label="Done"),
    ]


# ── A week ────────────────────────────────────────────────────────────────────

# day: person: (from, to, kind), hours by Berlin's clock
BUSY: dict[int, dict[str, list[tuple[float, float, str]]]] = {
    0: {
        "Dana Whitfield": [(9, 9.5, "busy"), (11, 12, "busy"), (16, 17, "interview")],
        "Femi Adeyemi": [(10, 11, "busy"), (13, 13.5, "busy")],
        "Chiara Lombardi": [(9, 10, "busy"), (15.25, 17, "busy")],
        "Jonas Brandt": [(11, 12.5, "busy")],
        "Elif Kaya": [(8, 9, "busy"), (12.25, 13.25, "hold")],
    },
    1: {
        "Dana Whitfield": [(9, 9.5, "busy"), (10, 11, "busy")],
        "Femi Adeyemi": [(11, 12, "busy"), (14.5, 15.5, "busy")],
        "Chiara Lombardi": [(9, 10, "interview"), (13, 14, "busy")],
        "Jonas Brandt": [(8.5, 10, "busy"), (14, 15, "busy")],
        "Elif Kaya": [(10, 11, "busy"), (14, 14.5, "interview")],
    },
    2: {
        "Dana Whitfield": [(9, 9.5, "busy"), (13, 14, "busy")],
        "Femi Adeyemi": [(11.5, 12.25, "interview"), (16, 17, "busy")],
        "Chiara Lombardi": [(9, 10, "busy"), (14, 15, "busy")],
        "Jonas Brandt": [(9.5, 10.25, "busy"), (15.5, 16, "busy")],
        "Elif Kaya": [(8, 9.5, "busy"), (13, 13.75, "busy")],
    },
    3: {
        "Dana Whitfield": [(9, 9.5, "busy"), (15, 16, "interview")],
        "Femi Adeyemi": [(12.5, 13.5, "busy")],
        "Chiara Lombardi": [(9, 10, "busy"), (14, 15.75, "tentative")],
        "Jonas Brandt": [(9, 9.75, "busy"), (15.5, 16.5, "busy")],
        "Elif Kaya": [(10, 11, "busy"), (13.25, 14, "interview")],
    },
    4: {
        "Dana Whitfield": [(9, 9.5, "busy"), (13.5, 15, "busy")],
        "Femi Adeyemi": [(11.5, 12.5, "tentative"), (15, 16, "busy")],
        "Chiara Lombardi": [(9, 10, "busy"), (13, 14, "busy"), (15, 16, "interview")],
        "Jonas Brandt": [(8.5, 10, "busy"), (12.5, 13.5, "busy")],
        "Elif Kaya": [(8, 9, "busy"), (12, 13, "busy")],
    },
}
WORKING = {
    "Dana Whitfield": (9, 18),
    "Femi Adeyemi": (10, 18),
    "Chiara Lombardi": (9, 17.5),
    "Jonas Brandt": (8.5, 17),
    "Elif Kaya": (8, 16.5),
}
ADA_CAN = {0: (12, 17), 1: (11, 17), 2: (9, 13), 3: (9, 17), 4: (10, 15)}
SLOTS: list[tuple[int, str, float, str, str]] = [
    (0, "mon-1330", 13.5, "free", "all free"),
    (1, "tue-1200", 12, "free", "all free"),
    (1, "tue-1530", 15.5, "free", "all free"),
    (2, "wed-1015", 10.25, "free", "all free"),
    (3, "thu-1100", 11, "free", "all free"),
    (3, "thu-1400", 14, "warning", "1 tentative"),
    (4, "fri-1000", 10, "free", "all free"),
    (4, "fri-1400", 14, "problem", "Dana busy"),
]


def _grid(chosen: set[str]) -> WeekGrid:
    return WeekGrid(
        title="Calendars of the panel, 23–27 November",
        hours=HOURS.hours,
        clocks=[HOURS.clock("Ada", LONDON, MONDAY), HOURS.clock("You", BERLIN, MONDAY)],
        days=[_grid_day(n, chosen) for n in range(5)],
        choice="checkbox",
        form="choose",
        window_label="Ada can",
    )


def _short_grid() -> WeekGrid:
    slots = [
        SlotCard(key=f"k{row}", row=row, rows=1, label=f"row {row}", spoken=f"row {row}")
        for row in range(4, 12)
    ]
    lanes = [Lane(name=name) for name in PANEL[:2]]
    return WeekGrid(
        title="Short calls",
        hours=HOURS.hours,
        clocks=[HOURS.clock("You", BERLIN, MONDAY)],
        days=[GridDay(on=MONDAY, lanes=lanes, slots=slots), GridDay(on=MONDAY, lanes=lanes)],
    )


def _grid_day(number: int, chosen: set[str]) -> GridDay:
    on = MONDAY + timedelta(days=number)
    window = HOURS.place(on, _at(on, ADA_CAN[number][0]), _at(on, ADA_CAN[number][1]))
    assert window is not None
    return GridDay(
        on=on,
        is_today=number == 0,
        lanes=[
            Lane(
                name=name, blocks=list(_blocks(name, on, number)), is_optional=name.startswith("F")
            )
            for name in PANEL
        ],
        windows=[Window(row=window.row, rows=window.rows, spoken="Ada can")],
        slots=[_slot(on, slot, chosen) for slot in SLOTS if slot[0] == number],
    )


def _blocks(name: str, on: date, number: int) -> Iterator[Block]:
    first, last = WORKING[name]
    stretches = [(8, first, "off"), *BUSY[number][name], (last, 18, "off")]
    for start, end, kind in stretches:
        place = HOURS.place(on, _at(on, start), _at(on, end))
        if place is not None:
            spoken = f"{kind} {presentation.time_range(_at(on, start), _at(on, end), BERLIN)}"
            yield Block(kind=kind, row=place.row, rows=place.rows, spoken=spoken)  # type: ignore[arg-type]


def _slot(on: date, slot: tuple[int, str, float, str, str], chosen: set[str]) -> SlotCard:
    _, key, hour, tone, sublabel = slot
    start, end = _at(on, hour), _at(on, hour + 1)
    place = HOURS.place(on, start, end)
    assert place is not None
    marks = {
        "free": ["free", "optional", "free", "free", "free"],
        "warning": ["free", "optional", "tentative", "free", "free"],
        "problem": ["busy", "optional", "free", "free", "free"],
    }[tone]
    label = presentation.clock_time(start, BERLIN)
    return SlotCard(
        key=key,
        row=place.row,
        rows=place.rows,
        label=label,
        sublabel=sublabel,
        spoken=f"{label} {sublabel}, {presentation.day_name(on)}",
        marks=marks,  # type: ignore[arg-type]
        tone=tone,  # type: ignore[arg-type]
        is_selected=key in chosen,
    )


def _at(on: date, hour: float) -> datetime:
    start = datetime.combine(on, datetime.min.time(), BERLIN)
    return start + timedelta(hours=hour)


def _days() -> list[tuple[date, list[Time]]]:
    offered = {
        MONDAY: (12.25, 13.25),
        MONDAY + timedelta(days=1): (10, 11, 14),
        MONDAY + timedelta(days=2): (9.25, 10.25),
        MONDAY + timedelta(days=3): (9, 9.5, 10, 10.5, 13, 13.5, 15, 17.5),
    }
    return [
        (day, [Time(key=f"k{day.day}{hour}", starts_at=_at_utc(day, hour)) for hour in hours])
        for day, hours in offered.items()
    ]


def _at_utc(on: date, hour: float) -> datetime:
    return datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=hour)


# ── Serving and photographing ─────────────────────────────────────────────────


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` in a thread, and give its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


PAGES = {
    "components": "/",
    "form": "/form",
    "schedule": "/schedule",
    "short": "/short",
    "candidate": "/i/demo?zone=Europe/London",
    "availability": "/i/demo/availability",
    "booked": "/i/demo/booked?zone=Europe/London",
    "error": "/status/409",
    "error-candidate": "/i/status/410",
}
CHROMIUM = "/usr/bin/chromium"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def photograph(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with served(gallery_app()) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=scheme,
                    timezone_id="Europe/London",
                )
                page = context.new_page()
                for name, path in PAGES.items():
                    answer = page.goto(address + path)
                    assert answer is not None
                    assert answer.ok, path
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
                    if name == "components":
                        page.screenshot(
                            path=folder / f"{name}-{size}-{scheme}-all.png", full_page=True
                        )
                context.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        photograph(Path(sys.argv[1]))
    else:
        gallery_app().run(port=8099)
