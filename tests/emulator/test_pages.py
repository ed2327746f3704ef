"""The pages for people show what that person may see, safely."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator import mailbox
from scheduler.emulator.looks import linked, plain_text
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, PRIYA, meeting, wish


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
    for text in (
        "Priya Raman",
        "Ada Quist",
        "conference latency",
        "/calendar/v3/calendars/",
        "Acme Interviews",
    ):
        assert text in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"
    )
    assert "<script" not in page.text


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
    assert http.get(answer.headers["Location"]).status_code == 200
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
