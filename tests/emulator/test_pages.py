"""The pages for people show what that person may see, safely."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from googleapiclient.errors import HttpError

from scheduler.emulator import mailbox
from scheduler.emulator.looks import address, linked, plain_text
from scheduler.emulator.pages import LOG_LINES
from scheduler.emulator.server import Emulator, create_emulator
from scheduler.emulator.settings import Switches
from scheduler.emulator.world import CALLS_KEPT
from tests.emulator.conftest import ADA, DANA, PRIYA, SCHEDULING, meeting, settings, wish


@pytest.fixture
def invited(calendars: Any, organizer: str) -> Any:
    body = meeting(
        id="invited0",
        attendees=[{"email": ADA}, {"email": DANA}],
        guestsCanSeeOtherGuests=False,
        description='Agenda <b>bold</b> <script>alert(1)</script> <a href="https://docs.example/a">notes</a>',
        conferenceData=wish(),
        attachments=[{"fileUrl": "https://drive.google.com/file/d/cv/view", "title": "CV of Ada"}],
    )
    return calendars.events().insert(
        calendarId=organizer, body=body, sendUpdates="all", conferenceDataVersion=1, supportsAttachments=True
    ).execute()  # fmt: skip


def test_home_lists_accounts_switches_and_calls(
    http: FlaskClient, invited: Any, organizer: str
) -> None:
    page = http.get("/")
    assert page.status_code == 200
    for text in ("Priya Raman", "Ada Quist", "conference latency", "events.insert", "Acme Interviews"):  # fmt: skip
        assert text in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"
    )
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_an_address_breaks_where_its_parts_meet(http: FlaskClient, invited: Any) -> None:
    broken = "dana<wbr>@acme<wbr>.example"
    for path in ("/", "/calendar", f"/calendar?as={DANA}&week=2026-11-23", f"/mail?for={DANA}"):
        assert broken in http.get(path).text
    assert address("<b>@x.example") == "&lt;b&gt;<wbr>@x<wbr>.example"


def test_every_switch_is_on_the_home_page_as_it_stands(http: FlaskClient, google: Emulator) -> None:
    google.set_switches(push_drop=0.25, quota_status=429, conference_latency=None)
    page = http.get("/").text
    for name in google.world.switches.as_dict():
        assert f'name="{name}"' in page
    assert field(page, "push_drop") == "0.25"
    assert field(page, "conference_latency") == ""
    assert '<option value="429" selected>' in page


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


def as_in_the_form(page: str) -> dict[str, str]:
    """Return what a browser would send that changes nothing."""
    inputs = dict(re.findall(r'<input id="(\w+)"[^>]* value="([^"]*)"', page))
    selects = re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected>', page)
    return {**inputs, **dict(selects)}


def test_a_form_turns_switches_without_a_script(http: FlaskClient, google: Emulator) -> None:
    names = google.world.switches.as_dict()
    form = {n: v for n, v in as_in_the_form(http.get("/").text).items() if n in names}
    assert form.keys() == names.keys()
    before = google.world.switches.as_dict()
    assert http.post("/switches", data=form).status_code == 303
    assert google.world.switches.as_dict() == before
    form |= {"push_delay": "1.5", "per_user_per_minute": "600", "batch_order": "kept", "quota_retry_after": "True", "conference_latency": ""}  # fmt: skip
    assert http.post("/switches", data=form).status_code == 303
    turned = google.world.switches
    assert (turned.push_delay, turned.per_user_per_minute, turned.batch_order) == (1.5, 600, "kept")
    assert (turned.quota_retry_after, turned.conference_latency) == (True, None)
    assert http.post("/switches", data={"do": "usual"}).status_code == 303
    assert google.world.switches == Switches()


@pytest.mark.parametrize(
    "form",
    [{"push_drop": "half"}, {"push_drop": ""}, {"push_drop": "nan"}, {"batch_parts": "-1"}, {"speed": "1"}],
)  # fmt: skip
def test_a_form_with_a_wrong_value_comes_back_with_a_sentence(
    http: FlaskClient, google: Emulator, form: dict[str, str]
) -> None:
    before = google.world.switches.as_dict()
    answer = http.post("/switches", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert google.world.switches.as_dict() == before


def test_faults_are_planted_listed_and_taken_away_by_forms(
    http: FlaskClient, google: Emulator
) -> None:
    form = {"how": "html", "when": "after", "status": "", "path": "/events$", "method": "POST", "count": "2", "delay": ""}  # fmt: skip
    assert http.post("/faults", data=form).status_code == 303
    (fault,) = google.world.faults.present()
    assert (fault.how, fault.when, fault.status, fault.count) == ("html", "after", None, 2)
    assert "POST /events$" in http.get("/").text
    assert http.post("/faults", data={**form, "count": "many"}).status_code == 422
    assert http.post("/faults", data={**form, "path": "("}).status_code == 422
    assert http.post("/faults/none").status_code == 303
    assert google.world.faults.present() == []


def test_forms_that_turn_something_are_for_this_machine_and_its_own_pages(
    http: FlaskClient,
) -> None:
    there = {"REMOTE_ADDR": "192.0.2.7"}
    for path in ("/switches", "/faults", "/faults/none"):
        assert http.post(path, environ_overrides=there).status_code == 403
        assert http.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    quiet = create_emulator(settings(hooks=False)).test_client()
    assert quiet.post("/switches", data={"batch_parts": "1"}).status_code == 404
    assert "Started without hooks" in quiet.get("/").text


def test_without_a_name_a_page_asks_whose_it_is_to_be(http: FlaskClient, organizer: str) -> None:
    calendars, mails = http.get("/calendar"), http.get("/mail")
    assert calendars.status_code == mails.status_code == 200
    assert f'href="/calendar?as={ADA}"' in calendars.text
    assert f'href="/calendar?as={organizer}"' in calendars.text
    assert f'href="/mail?for={ADA}"' in mails.text
    assert "Aurora" in calendars.text
    assert "Aurora" not in mails.text


class TestActivity:
    def test_it_lists_calls_newest_first(self, http: FlaskClient, calendars: Any) -> None:
        calendars.colors().get().execute()
        with pytest.raises(HttpError):
            calendars.events().get(calendarId="primary", eventId="nothing0").execute()
        page = http.get("/activity").text
        assert page.index("events.get") < page.index("colors.get")
        assert "/calendar/v3/calendars/primary/events/nothing0" in page
        assert '<span class="status bad">404</span>' in page
        assert "scheduling@acme.example" in page

    @pytest.mark.parametrize(
        ("query", "there", "away"),
        [
            ("q=COLORS", "colors.get", "events.get"),
            ("outcome=refused", "events.get", "colors.get"),
            ("outcome=done", "colors.get", "events.get"),
            ("who=scheduling@acme.example", "colors.get", "settings.list"),
            ("who=dana@acme.example&outcome=done", "settings.list", "colors.get"),
        ],
    )
    def test_it_is_filtered(
        self, http: FlaskClient, service: Any, query: str, there: str, away: str
    ) -> None:
        service(SCHEDULING).colors().get().execute()
        service(DANA).settings().list().execute()
        with pytest.raises(HttpError):
            service(SCHEDULING).events().get(calendarId="primary", eventId="nothing0").execute()
        rows = http.get(f"/activity?{query}").text.partition("<tbody>")[2]
        assert there in rows
        assert away not in rows

    def test_it_looks_again_by_itself_when_asked_to(self, http: FlaskClient) -> None:
        assert 'http-equiv="refresh"' not in http.get("/activity").text
        assert 'http-equiv="refresh"' in http.get("/activity?watch=on&q=x").text

    def test_it_keeps_no_more_than_it_says(self, http: FlaskClient, google: Emulator) -> None:
        for _ in range(CALLS_KEPT + 10):
            http.get("/calendar/v3/colors")
        assert len(google.calls()) == CALLS_KEPT
        assert f"{LOG_LINES} of {CALLS_KEPT} calls" in http.get("/activity").text


def test_a_week_is_shown_through_its_owners_eyes(http: FlaskClient, invited: Any) -> None:
    page = http.get(f"/calendar?as={ADA}").text
    assert "10:00–10:45" in page
    assert f'href="{invited["hangoutLink"]}?as=ada%40mail.example"' in page
    assert "CV of Ada" in page
    assert "https://docs.example/a" in page
    assert "<script>" not in page
    assert DANA not in page
    assert "Dana" not in page
    other = http.get(f"/calendar?as={ADA}&week=2027-01-04").text
    assert "Invitations to come" in other
    assert "Technical interview" in other


def test_the_buttons_answer(http: FlaskClient, invited: Any, google: Emulator) -> None:
    form = {"as": ADA, "event_id": invited["id"], "response": "accepted", "week": "2026-11-23"}
    answer = http.post("/calendar/rsvp", data=form)
    assert answer.status_code == 303
    assert google.calendar_as(ADA)[0]["attendees"][0]["responseStatus"] == "accepted"
    assert http.post("/calendar/rsvp", data={**form, "as": PRIYA}).status_code == 404


def test_the_html_link_leads_to_the_week(http: FlaskClient, invited: Any) -> None:
    answer = http.get(invited["htmlLink"])
    assert answer.status_code == 303
    page = http.get(answer.headers["Location"])
    assert page.status_code == 200
    assert f'id="e-{invited["id"]}" open' in page.text
    assert http.get("/calendar/event?eid=%%%").status_code == 404


def test_a_mailbox_shows_text_html_and_files(
    http: FlaskClient, invited: Any, google: Emulator
) -> None:
    page = http.get(f"/mail?for={ADA}")
    assert page.status_code == 200
    assert "Invitation: Technical interview" in page.text
    assert invited["hangoutLink"] in page.text
    number = mailbox.outbox(google.world, ADA)[0].id
    html = http.get(f"/mail/{number}/html?for={ADA}")
    assert html.headers["Content-Security-Policy"].startswith("sandbox")
    assert "METHOD:REQUEST" in page.text
    file = http.get(f"/mail/{number}/files/0?for={ADA}")
    assert "attachment" in file.headers["Content-Disposition"]
    assert b"BEGIN:VCALENDAR" in file.data
    # Somebody else's mail is not there.
    assert http.get(f"/mail/{number}/html?for={PRIYA}").status_code == 404
    assert http.get("/mail?for=nobody@else.example").status_code == 404


def test_broken_mail_does_not_break_the_page(http: FlaskClient, google: Emulator) -> None:
    for raw in (
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/mixed\r\n\r\nno parts",
        b"Subject: =?x?q?=\r\n\r\n\xe9",
    ):
        google.deliver_smtp("", [ADA], raw)
        assert http.get(f"/mail?for={ADA}").status_code == 200
    assert http.get("/_emulator/outbox").status_code == 200


def test_unknown_people_and_weeks_are_404(http: FlaskClient) -> None:
    assert http.get("/calendar?as=nobody@else.example").status_code == 404
    assert http.get(f"/calendar?as={ADA}&week=soon").status_code == 404
    assert http.get("/nowhere").status_code == 404


def test_text_keeps_links_and_nothing_that_runs() -> None:
    assert plain_text('a<br>b <a href="https://x.example">y</a>') == "a\nb y (https://x.example)"
    assert plain_text("1 &lt; 2") == "1 < 2"
    assert str(linked("see https://x.example/?a=1&b=2.")) == (
        'see <a href="https://x.example/?a=1&amp;b=2" rel="noreferrer">https://x.example/?a=1&amp;b=2</a>.'
    )
    assert "javascript" not in str(linked("javascript:alert(1)")).replace("javascript:alert(1)", "")
