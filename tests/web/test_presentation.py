"""Times, lengths and names as people read them, and rows of the week grid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from jinja2 import UndefinedError
from werkzeug.test import TestResponse

from scheduler.web import headers, presentation
from scheduler.web.presentation import GridDay, GridHours, Lane, Place, SlotCard, WeekGrid

BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
ELEVEN = TEN + timedelta(hours=1)


class TestTimes:
    def test_a_clock_time_is_the_readers(self) -> None:
        assert presentation.clock_time(TEN, "Europe/London") == "10:00"
        assert presentation.clock_time(TEN, BERLIN) == "11:00"
        assert presentation.time_range(TEN, ELEVEN, BERLIN) == "11:00–12:00"

    def test_a_range_tells_the_day_on_which_it_goes_on(self) -> None:
        the_day_after = TEN + timedelta(days=1)
        assert presentation.time_range(TEN, the_day_after, LONDON) == "10:00 to Wed 25 Nov, 10:00"
        assert presentation.last_day(TEN, the_day_after, LONDON) == "Wed 25 Nov"
        # A night and a whole day are read as one.
        late, midnight = TEN + timedelta(hours=13), TEN - timedelta(hours=10)
        assert presentation.time_range(late, late + timedelta(hours=2), LONDON) == "23:00–01:00"
        assert presentation.last_day(midnight, midnight + timedelta(days=1), LONDON) == ""

    def test_a_day_is_the_readers_too(self) -> None:
        late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

        assert presentation.day_name(late, "Europe/London") == "Tuesday 24 November"
        assert presentation.day_name(late, "Asia/Tokyo") == "Wednesday 25 November"
        assert presentation.short_day(late, "Asia/Tokyo") == "Wed 25 Nov"
        assert presentation.full_day(late, LONDON) == "Tuesday, 24 November 2026"

    def test_a_date_needs_no_zone_and_a_moment_does(self) -> None:
        assert presentation.day_name(date(2026, 11, 24)) == "Tuesday 24 November"
        assert presentation.weekday(date(2026, 11, 24)) == "Tue"
        with pytest.raises(ValueError, match="zone"):
            presentation.day_name(TEN)

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nobody"):
            presentation.clock_time(datetime(2026, 11, 24, 10), LONDON)  # noqa: DTZ001

    def test_day_and_time_in_one(self) -> None:
        assert presentation.day_and_time(TEN, LONDON) == "Tue 24 Nov, 10:00"
        assert presentation.day_and_time(TEN, LONDON, ELEVEN) == "Tue 24 Nov, 10:00–11:00"

    def test_a_range_names_a_month_once(self) -> None:
        assert presentation.date_range(date(2026, 11, 23), date(2026, 11, 27)) == "23–27 Nov 2026"
        assert "Dec 2026" in presentation.date_range(date(2026, 11, 30), date(2026, 12, 4))

    def test_the_machine_readable_form_is_utc(self) -> None:
        assert presentation.iso(TEN.astimezone(BERLIN)) == "2026-11-24T10:00:00Z"

    @pytest.mark.parametrize(
        ("length", "words"),
        [
            (timedelta(minutes=1), "1 minute"),
            (timedelta(minutes=45), "45 minutes"),
            (timedelta(hours=1), "1 hour"),
            (timedelta(minutes=90), "1 hour 30 minutes"),
            (timedelta(days=2), "2 days"),
            (timedelta(0), "0 minutes"),
        ],
    )
    def test_a_length_in_words(self, length: timedelta, words: str) -> None:
        assert presentation.duration(length) == words

    @pytest.mark.parametrize(
        ("distance", "words"),
        [
            (timedelta(seconds=-20), "just now"),
            (timedelta(seconds=50), "in 1 minute"),
            (timedelta(minutes=-5), "5 minutes ago"),
            (timedelta(minutes=-119), "1 hour ago"),
            (timedelta(hours=3), "in 3 hours"),
            (timedelta(days=-6, hours=-23), "6 days ago"),
            (timedelta(days=-13), "1 week ago"),
            (timedelta(days=-59), "1 month ago"),
        ],
    )
    def test_how_long_ago_never_rounds_up(self, distance: timedelta, words: str) -> None:
        assert presentation.ago(TEN + distance, TEN) == words


class TestZones:
    @pytest.mark.parametrize(
        ("zone", "city", "offset", "short"),
        [
            ("Europe/London", "London", "UTC", "GMT"),
            ("Asia/Kolkata", "Kolkata", "UTC+5:30", "IST"),
            ("America/St_Johns", "St John’s", "UTC−3:30", "NST"),
            ("America/Sao_Paulo", "Sao Paulo", "UTC−3", "UTC−3"),
            ("America/Argentina/Buenos_Aires", "Buenos Aires", "UTC−3", "UTC−3"),
        ],
    )
    def test_a_zone_has_a_city_and_an_offset(
        self, zone: str, city: str, offset: str, short: str
    ) -> None:
        assert presentation.zone_city(zone) == city
        assert presentation.utc_offset(zone, TEN) == offset
        assert presentation.zone_short(zone, TEN) == short

    def test_the_offset_is_that_of_the_day_asked_for(self) -> None:
        assert presentation.utc_offset("Europe/London", datetime(2026, 7, 1, tzinfo=UTC)) == "UTC+1"

    def test_the_menu_runs_from_west_to_east(self) -> None:
        choices = presentation.zone_choices(TEN)

        names = [choice.name for choice in choices]
        assert names.index("America/New_York") < names.index("Europe/London")
        assert names.index("Europe/London") < names.index("Asia/Tokyo")
        assert {"Europe/Amsterdam", "Europe/Stockholm", "UTC"} <= set(names)

    def test_the_menu_takes_in_a_name_that_browsers_still_use(self) -> None:
        choices = presentation.zone_choices(TEN, including="Asia/Calcutta")

        assert "Asia/Calcutta" in [choice.name for choice in choices]
        assert len(choices) == len(presentation.zone_choices(TEN)) + 1


class TestNames:
    @pytest.mark.parametrize(
        ("name", "letters"),
        [
            ("Dana Whitfield", "DW"),
            ("Dana van der Berg", "DB"),
            ("Femi", "F"),
            ("dana.whitfield@northwind.example", "DW"),
            ("李 雷", "李雷"),
            ("", ""),
        ],
    )
    def test_initials(self, name: str, letters: str) -> None:
        assert presentation.initials(name) == letters

    def test_a_person_keeps_their_hue(self) -> None:
        assert presentation.hue("Dana Whitfield") == presentation.hue("dana whitfield")
        hues = {presentation.hue(f"Person {number}") for number in range(200)}
        assert hues == {f"h{number}" for number in range(1, presentation.HUES + 1)}

    def test_one_is_not_many(self) -> None:
        assert presentation.counted(1, "time", "times") == "1 time"
        assert presentation.counted(0, "time", "times") == "0 times"


class TestGridHours:
    grid = GridHours(first_hour=8, last_hour=18, zone=BERLIN)
    tuesday = date(2026, 11, 24)

    def place(self, start: str, end: str) -> Place | None:
        return self.grid.place(self.tuesday, _berlin(start), _berlin(end))

    def test_a_quarter_of_an_hour_is_a_row(self) -> None:
        assert self.place("2026-11-24 10:15", "2026-11-24 11:00") == Place(row=9, rows=3)

    def test_what_starts_between_rows_takes_all_rows_it_touches(self) -> None:
        assert self.place("2026-11-24 10:20", "2026-11-24 10:50") == Place(row=9, rows=3)

    def test_what_reaches_over_the_edge_is_cut(self) -> None:
        assert self.place("2026-11-24 07:00", "2026-11-24 09:00") == Place(row=0, rows=4)
        assert self.place("2026-11-23 12:00", "2026-11-25 12:00") == Place(row=0, rows=40)

    def test_what_is_outside_has_no_place(self) -> None:
        assert self.place("2026-11-24 06:00", "2026-11-24 08:00") is None
        assert self.place("2026-11-25 10:00", "2026-11-25 11:00") is None

    def test_a_clock_writes_the_hours_in_its_own_zone(self) -> None:
        clock = self.grid.clock("Ada", LONDON, self.tuesday)

        assert (clock.whose, clock.zone) == ("Ada", "GMT")
        assert list(clock.hours[:2]) == ["07:00", "08:00"]
        assert len(clock.hours) == 10


class TestWeekGrid:
    def test_short_times_ask_for_taller_rows(self) -> None:
        assert _grid(rows=1).has_short_slots
        assert not _grid(rows=2).has_short_slots

    def test_the_legend_explains_what_is_there(self) -> None:
        assert _grid(rows=2).shown == {"free"}

    def test_more_people_than_lanes_is_refused(self) -> None:
        lanes = [Lane(name=f"Person {number}") for number in range(presentation.MOST_LANES + 1)]
        with pytest.raises(ValueError, match="room for 12"):
            WeekGrid(
                title="Week",
                hours=10,
                clocks=[],
                days=[GridDay(on=date(2026, 11, 24), lanes=lanes)],
            )


class TestStaticFiles:
    def test_a_hashed_name_is_kept_for_ever_and_compressed(self) -> None:
        answer = _get_asset("app.css", {"Accept-Encoding": "br"})

        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_nobody_elses_page_may_read_it(self) -> None:
        assert "Access-Control-Allow-Origin" not in _get_asset("app.js", {}).headers


class TestTemplates:
    def test_an_icon_beside_words_is_decoration(self, app: Flask) -> None:
        with app.test_request_context():
            assert 'aria-hidden="true"' in presentation.icon("check")

    def test_an_icon_alone_has_a_name(self, app: Flask) -> None:
        with app.test_request_context():
            drawn = presentation.icon("check", label="<Done>")
        assert 'role="img" aria-label="&lt;Done&gt;"' in drawn

    def test_an_icon_nobody_has_drawn_is_a_mistake_of_ours(self, app: Flask) -> None:
        with app.test_request_context(), pytest.raises(presentation.UnknownIcon):
            presentation.icon("unicorn")

    def test_htmx_attributes_carry_the_nonce(self, app: Flask) -> None:
        with app.test_request_context():
            written = presentation.hx(get="/a?b=1&c=2", trigger="every 3s")
            assert f'hx-nonce="{headers.nonce()}"' in written
        assert 'hx-get="/a?b=1&amp;c=2" hx-trigger="every 3s"' in written

    def test_a_name_nobody_gave_is_an_error(self, app: Flask) -> None:
        with app.app_context(), pytest.raises(UndefinedError):
            app.jinja_env.from_string("{{ page.title }}").render()

    def test_without_a_build_the_sentence_says_what_to_run(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(presentation, "DIST", tmp_path)
        with app.test_request_context(), pytest.raises(presentation.AssetsMissing, match="Run:"):
            presentation.asset("app.css")

    def test_the_banner_is_there_only_with_the_emulator(self) -> None:
        assert b"This is a demonstration" in _error_page(_app("http://localhost:8001"))
        assert b"This is a demonstration" not in _error_page(_app(None))


def _berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def _grid(rows: int) -> WeekGrid:
    slot = SlotCard(key="k", row=0, rows=rows, label="08:00", spoken="08:00")
    day = GridDay(on=date(2026, 11, 24), lanes=[Lane(name="Dana")], slots=[slot])
    return WeekGrid(title="Week", hours=10, clocks=[], days=[day])


def _app(emulator_url: str | None) -> Flask:
    app = Flask("scheduler", root_path=str(presentation.PACKAGE))
    presentation.install(app, company="Northwind", emulator_url=emulator_url)
    return app


def _get_asset(name: str, accepting: dict[str, str]) -> TestResponse:
    app = Flask("scheduler", root_path=str(presentation.PACKAGE), static_folder=None)
    presentation.static_files(app)
    with app.test_request_context():
        url = presentation.asset(name)
    return app.test_client().get(url, headers=accepting)


def _error_page(app: Flask) -> bytes:
    from flask import render_template

    @app.get("/gone")
    def gone() -> str:
        return render_template("errors/410.html")

    return bytes(app.test_client().get("/gone").data)


@pytest.fixture
def app() -> Flask:
    return _app("http://localhost:8001")
