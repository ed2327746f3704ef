from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateCall,
    CandidateLetter,
    JoinUrl,
    LetterKind,
)
from scheduler.domain.timespan import TimeSpan
from scheduler.mail.addresses import UnusableAddress
from scheduler.mail.messages import compose, new_message_id
from tests.mail.letters import (
    CONFIRMED,
    MAIL_FROM,
    MESSAGE_ID,
    NOW,
    SYSTEM_DESIGN,
    at,
    body,
    call,
    file_of,
    sent,
)

RESCHEDULED = replace(CONFIRMED, kind=LetterKind.RESCHEDULED, sequence=1)
UPDATED = replace(CONFIRMED, kind=LetterKind.UPDATED, sequence=1)
CANCELLED = replace(CONFIRMED, kind=LetterKind.CANCELLED)
INVITE = replace(CONFIRMED, kind=LetterKind.INVITE, calls=(), entries=())
LOOP = replace(
    CONFIRMED,
    stage_title="On-site loop",
    calls=(
        call("Coding", "Tue 11:00", "Tue 12:00", "https://meet.example/bbb"),
        call("System design", "Mon 10:00", "Mon 10:45", "https://meet.example/zzz"),
        call("People", "Tue 13:00", "Tue 13:30", "https://meet.example/ccc"),
    ),
)
KINDS = [CONFIRMED, RESCHEDULED, UPDATED, CANCELLED, INVITE]
OF_EVERY_KIND = pytest.mark.parametrize("letter", KINDS, ids=lambda letter: letter.kind)
IN_BOTH_PARTS = pytest.mark.parametrize("subtype", ["plain", "html"])


def shape(part: EmailMessage) -> object:
    if part.is_multipart():
        return {part.get_content_type(): [shape(inner) for inner in part.iter_parts()]}  # type: ignore[arg-type]
    return part.get_content_type()


class Reading(HTMLParser):
    """The text and links of a page, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "srcset", "background", "data", "poster"):
                self.fetched.append(value or "")

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & {self.open[-1] if self.open else ""}:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def seen(mail: EmailMessage, subtype: str) -> str:
    """What a reader of that part sees, addresses of links included."""
    if subtype == "plain":
        return " ".join(body(mail, "plain").split())
    page = Reading(body(mail, "html"))
    return f"{page.text} {' '.join(page.links)}"


def test_a_confirmation_is_text_and_html_with_a_file_for_the_calendar() -> None:
    assert shape(sent(CONFIRMED)) == {
        "multipart/mixed": [{"multipart/alternative": ["text/plain", "text/html"]}, "text/calendar"]
    }


@pytest.mark.parametrize("letter", [CANCELLED, INVITE], ids=lambda letter: letter.kind)
def test_a_letter_about_no_meeting_carries_no_file(letter: CandidateLetter) -> None:
    assert shape(sent(letter)) == {"multipart/alternative": ["text/plain", "text/html"]}


def test_a_confirmation_without_entries_carries_no_file_and_does_not_speak_of_one() -> None:
    mail = sent(replace(CONFIRMED, entries=()))
    assert file_of(mail) is None
    assert "attached" not in body(mail, "plain") + body(mail, "html")


def test_the_file_publishes_and_says_so_twice() -> None:
    mail = sent(RESCHEDULED)
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "PUBLISH"
    assert part.get_content_disposition() == "attachment"
    assert part.get_filename() == "interview.ics"
    assert part["Content-Transfer-Encoding"] == "base64"
    calendar = file_of(mail)
    assert calendar is not None
    assert calendar["method"] == "PUBLISH"
    assert [event["sequence"] for event in calendar.walk("VEVENT")] == [1]


@OF_EVERY_KIND
def test_a_mail_has_these_headers_and_no_other(letter: CandidateLetter) -> None:
    mail = sent(letter, in_reply_to="<0@acme.example>")
    told = {name: value for name, value in mail.items() if not name.startswith(("Content", "MIME"))}
    told.pop("Subject")
    assert told == {
        "From": "Acme Recruiting <interviews@acme.example>",
        "To": "ada@candidate.example",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
        "Message-ID": MESSAGE_ID,
        "In-Reply-To": "<0@acme.example>",
        "References": "<0@acme.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def test_the_first_mail_answers_none() -> None:
    mail = sent(CONFIRMED)
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_subjects_are_kind_and_clear() -> None:
    assert [sent(letter)["Subject"] for letter in KINDS] == [
        "Confirmed: Technical interview with Acme, Tue 24 November, 10:00",
        "New time: Technical interview with Acme, Tue 24 November, 10:00",
        "Updated: Technical interview with Acme, Tue 24 November, 10:00",
        "Cancelled: Technical interview with Acme, Tue 24 November, 10:00",
        "Choose a time: Technical interview with Acme",
    ]


@IN_BOTH_PARTS
@pytest.mark.parametrize(
    "letter", [CONFIRMED, RESCHEDULED, UPDATED], ids=lambda letter: letter.kind
)
def test_both_parts_say_when_how_where_and_whom_to_ask(
    letter: CandidateLetter, subtype: str
) -> None:
    told = seen(sent(replace(letter, location="12 Rathbone Place")), subtype)
    for fact in (
        "Hi Ada,",
        "Technical interview",
        "Acme",
        "Tuesday 24 November",
        "10:00–10:45",
        "London time (UTC+0)",
        "45 minutes",
        "System design",
        "https://meet.example/abc-defg-hij",
        "12 Rathbone Place",
        "Have paper at hand.",
        "We will not ask riddles.",
        "https://hiring.acme.example/i/a-token",
        "attached file",
        "Reply to this email",
        "Priya Shah",
        "priya@acme.example",
        "+44 20 7946 0123",
    ):
        assert fact in told


@IN_BOTH_PARTS
def test_a_new_time_is_said_to_replace_the_old_one(subtype: str) -> None:
    told = seen(sent(RESCHEDULED), subtype)
    assert "Your interview has a new time" in told
    assert "replaces the one we gave you before" in told


@IN_BOTH_PARTS
def test_a_cancellation_says_what_was_planned_and_asks_for_nothing(subtype: str) -> None:
    told = seen(sent(CANCELLED), subtype)
    assert "planned for Tuesday 24 November, 10:00 London time (UTC+0)" in told
    assert "nothing you need to do" in told
    assert "Priya Shah" in told
    assert "meet.example" not in told


@IN_BOTH_PARTS
def test_a_cancellation_needs_no_time(subtype: str) -> None:
    told = seen(sent(replace(CANCELLED, calls=())), subtype)
    assert "with Acme has been cancelled" in told


@IN_BOTH_PARTS
def test_an_invite_asks_to_choose_a_time(subtype: str) -> None:
    told = seen(sent(INVITE), subtype)
    for fact in ("Choose a time", "https://hiring.acme.example/i/a-token", "own time zone"):
        assert fact in told


@OF_EVERY_KIND
@IN_BOTH_PARTS
def test_every_mail_says_how_to_be_heard_without_a_contact(
    letter: CandidateLetter, subtype: str
) -> None:
    told = seen(sent(replace(letter, contact=None)), subtype)
    assert "Reply to this email, and we will help." in told


@IN_BOTH_PARTS
def test_a_loop_lists_each_call_in_the_order_of_time_with_its_own_link(subtype: str) -> None:
    mail = sent(LOOP)
    told = seen(mail, subtype)
    days = ["Monday 23 November", "Tuesday 24 November"]
    order = [days[0], "System design", days[1], "Coding", "People"]
    assert [told.count(day) for day in days] == [1 + (subtype == "html"), 1]
    places = [told.rindex(words) for words in order]
    assert places == sorted(places)
    for start, link in (("10:00", "/zzz"), ("11:00", "/bbb"), ("13:00", "/ccc")):
        assert f"Join at {start}" in told
        assert f"https://meet.example{link}" in told
    links = [link for link in Reading(body(mail, "html")).links if "meet" in link]
    assert links == [f"https://meet.example{end}" for end in ("/zzz", "/bbb", "/ccc")]


@IN_BOTH_PARTS
def test_calls_with_one_link_show_it_once(subtype: str) -> None:
    one = tuple(replace(told, join_url=JoinUrl("https://meet.example/one")) for told in LOOP.calls)
    told = seen(sent(replace(LOOP, calls=one)), subtype)
    assert told.count("Join") == 1
    assert "Join the call" in told


@IN_BOTH_PARTS
def test_a_call_of_several_interviews_gives_each_its_time(subtype: str) -> None:
    day_call = CandidateCall(
        agenda=(
            AgendaItem(title="System design", span=TimeSpan(at("Mon 10:00"), at("Mon 10:45"))),
            AgendaItem(title="Coding", span=TimeSpan(at("Mon 11:00"), at("Mon 12:00"))),
        ),
        join_url=JoinUrl("https://meet.example/aaa"),
    )
    told = seen(sent(replace(LOOP, calls=(day_call,))), subtype).replace("\xa0", "")
    for fact in ("10:00–12:00", "2 hours", "10:00–10:45 System design", "11:00–12:00 Coding"):
        assert fact in told


@IN_BOTH_PARTS
def test_a_call_without_a_link_yet_promises_one(subtype: str) -> None:
    told = seen(sent(replace(CONFIRMED, calls=(replace(SYSTEM_DESIGN, join_url=None),))), subtype)
    assert "The link to join will be on your page" in told
    assert "None" not in told


@IN_BOTH_PARTS
def test_who_comes_to_a_room_is_promised_no_link(subtype: str) -> None:
    onsite = replace(
        CONFIRMED, calls=(replace(SYSTEM_DESIGN, join_url=None),), location="12 Rathbone Place"
    )
    assert "link to join" not in seen(sent(onsite), subtype)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "call +44 20 7946"])
def test_a_link_by_hand_that_is_none_is_shown_but_cannot_be_followed(link: str) -> None:
    for calls in (
        (replace(SYSTEM_DESIGN, join_url=JoinUrl(link)),),
        (replace(SYSTEM_DESIGN, join_url=JoinUrl(link)), *LOOP.calls),
    ):
        mail = sent(replace(CONFIRMED, calls=calls))
        page = Reading(body(mail, "html"))
        assert link not in page.links
        assert link in page.text
        assert link in body(mail, "plain")


@IN_BOTH_PARTS
def test_times_are_in_the_candidates_zone_at_the_offset_of_that_day(subtype: str) -> None:
    # New York leaves daylight saving on Sunday 1 November 2026.
    days = [datetime(2026, 10, 30, 14, tzinfo=UTC), datetime(2026, 11, 2, 15, tzinfo=UTC)]
    calls = tuple(
        CandidateCall(
            agenda=(AgendaItem(title="Talk", span=TimeSpan(day, day + timedelta(hours=1))),),
            join_url=None,
        )
        for day in days
    )
    told = seen(sent(replace(CONFIRMED, zone=ZoneInfo("America/New_York"), calls=calls)), subtype)
    assert "New York time (UTC−4)" in told
    assert "New York time (UTC−5)" in told
    assert told.count("10:00–11:00") == 2


def test_the_date_is_the_candidates_own() -> None:
    mail = sent(replace(CONFIRMED, zone=ZoneInfo("Pacific/Auckland")))
    assert "Tuesday 24 November" in body(mail, "plain")
    late = call("Talk", "Tue 12:00", "Tue 13:00", None)
    mail = sent(replace(CONFIRMED, zone=ZoneInfo("Pacific/Auckland"), calls=(late,)))
    assert mail["Subject"].endswith("Wed 25 November, 01:00")


def test_no_part_fetches_anything_or_names_a_font_service() -> None:
    for letter in [*KINDS, LOOP]:
        html = body(sent(letter), "html")
        assert Reading(html).fetched == []
        assert not re.search(r"url\(|@import|<link|<img|<script|fonts\.g", html)


def test_every_link_is_one_that_the_letter_gives() -> None:
    assert set(Reading(body(sent(CONFIRMED), "html")).links) == {
        "https://meet.example/abc-defg-hij",
        "https://hiring.acme.example/i/a-token",
        "mailto:priya%40acme.example",
    }


def test_html_is_readable_in_the_dark() -> None:
    assert "prefers-color-scheme: dark" in body(sent(CONFIRMED), "html")


INJECTIONS = [
    "Ada\r\nBcc: eve@evil.example",
    "Ada\nBcc: eve@evil.example",
    "Ada\rBcc: eve@evil.example",
    "Ada\u2028Bcc: eve@evil.example",
    "Ada\x85Bcc: eve@evil.example",
    "Ada\x0bBcc: eve@evil.example\x00",
    "=?utf-8?q?Ada=0D=0ABcc:_eve@evil.example?=",
    "Ada\r\n\r\n--boundary\r\nContent-Type: text/html\r\n\r\n<b>",
]


@OF_EVERY_KIND
@pytest.mark.parametrize("text", INJECTIONS)
def test_a_line_break_in_a_text_makes_no_header(letter: CandidateLetter, text: str) -> None:
    assert letter in KINDS
    told = replace(
        CONFIRMED,
        kind=letter.kind,
        to_name=text,
        company=text,
        stage_title=text,
        location=text,
    )
    mail = sent(told)
    assert mail.keys() == sent(CONFIRMED).keys()
    assert mail["To"] == "ada@candidate.example"
    assert not mail.defects
    for line in (
        compose(told, mail_from=MAIL_FROM, message_id=MESSAGE_ID, in_reply_to=None, now=NOW)
        .as_bytes()
        .split(b"\n")
    ):
        assert not line.lower().startswith(b"bcc")


@pytest.mark.parametrize(
    "address",
    [
        "ada@candidate.example\r\nBcc: eve@evil.example",
        "ada@candidate.example\n",
        "ada@candidate.example, eve@evil.example",
        "Ada <ada@candidate.example>",
        "ada@candidate.example>\r\nRCPT TO:<eve@evil.example",
        "ada candidate@candidate.example",
        "adä@",
        "",
        "@candidate.example",
        "ada@@candidate.example",
        "ada@[127.0.0.1]",
        '"ada"@candidate.example',
        "ada\u2028@candidate.example",
        "ada@candidate.example\x00",
        "a" * 65 + "@candidate.example",
    ],
)
def test_what_is_not_one_address_is_not_written_to(address: str) -> None:
    with pytest.raises(UnusableAddress) as raised:
        sent(replace(CONFIRMED, to_email=address))
    assert not address or address not in str(raised.value)


def test_an_address_in_another_script_is_written_to() -> None:
    mail = sent(replace(CONFIRMED, to_email="adä@kandidätin.example"))
    assert mail["To"] == "adä@xn--kandidtin-02a.example"


@pytest.mark.parametrize(
    "ours",
    [
        {"message_id": "<1@acme.example>\r\nBcc: eve@evil.example"},
        {"message_id": "1@acme.example"},
        {"message_id": "<1@acme.example> <2@acme.example>"},
        {"in_reply_to": "<1@acme.example>\nBcc: eve@evil.example"},
        {"mail_from": "a@acme.example, b@acme.example"},
        {"mail_from": "a@acme.example\r\nBcc: eve@evil.example"},
        {"mail_from": "nobody"},
        {"now": datetime(2026, 11, 23, 8)},  # noqa: DTZ001
    ],
)
def test_our_own_values_must_be_right(ours: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        sent(CONFIRMED, **ours)  # type: ignore[arg-type]


NAMES = {
    "right to left": "עדה קוויסט",
    "Arabic": "محمد بن سلمان",
    "an override": "\u202egpj.exe Ada",
    "isolates left open": "\u2067\u2067Ada",
    "combining": "A" + "\u0301" * 10_000,
    "ten thousand letters": "Ada" * 3_333,
    "ten thousand words": "Ada " * 2_500,
    "joined for ever": "👩\u200d" * 5_000,
    "emoji": "👩🏽\u200d💻 Ada",
    "markup": "<script>alert(1)</script> & {{ 7*7 }} {% raw %}",
    "half a pair": "Ada\ud800",
    "nothing": "",
    "blank": " \t\n",
    "one letter": "李",
    "NUL": "Ada\x00Quist",
}


@OF_EVERY_KIND
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_can_be_anything(letter: CandidateLetter, name: str) -> None:
    told = replace(letter, to_name=name, company=name, stage_title=name)
    mail = sent(told)
    # Gmail cuts a page off at about 102 KB.
    assert len(body(mail, "html").encode()) < 100_000
    assert len(mail["Subject"]) < 2_000
    assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())
    for subtype in ("plain", "html"):
        text = body(mail, subtype)
        assert "\u202e" not in text
        assert text.count("\u2067") + text.count("\u2068") == text.count("\u2069")
    html = body(mail, "html")
    assert "<script>" not in html
    if "{{" in name:
        assert "{{ 7*7 }}" in html


def test_a_long_name_is_cut_with_an_ellipsis_and_never_inside_a_letter() -> None:
    text = body(sent(replace(CONFIRMED, to_name="e\u0301" * 1_000)), "plain")
    assert f"Hi {'é' * 39}…," in text
    text = body(sent(replace(CONFIRMED, to_name="x\u0301\u0323" * 1_000)), "plain")
    assert re.search("Hi (x\u0323\u0301){39}…,", text)


def test_nobody_is_greeted_by_an_empty_name() -> None:
    for subtype in ("plain", "html"):
        assert "Hello," in seen(sent(replace(CONFIRMED, to_name=" ")), subtype)


def test_a_name_written_right_to_left_is_isolated_from_the_words_around_it() -> None:
    mail = sent(replace(CONFIRMED, to_name="עדה"))
    assert "Hi \u2068עדה\u2069," in body(mail, "plain")
    assert "Hi <bdi>עדה</bdi>," in body(mail, "html")


def test_notes_keep_their_lines_and_their_angle_brackets() -> None:
    mail = sent(replace(CONFIRMED, notes="\n\nBring <b>paper</b>\r\n\r\nand a pen\n\n"))
    assert "Good to know\nBring <b>paper</b>\n\nand a pen\n\nYour" in body(mail, "plain")
    assert "&lt;b&gt;paper&lt;/b&gt;" in body(mail, "html")


@settings(max_examples=40, deadline=None)
@given(st.text(), st.text(), st.text(), st.sampled_from(list(LetterKind)))
def test_no_text_breaks_a_mail(name: str, title: str, notes: str, kind: LetterKind) -> None:
    mail = sent(
        replace(CONFIRMED, kind=kind, to_name=name, stage_title=title, company=name, notes=notes)
    )
    assert set(mail.keys()) == set(sent(replace(CONFIRMED, kind=kind)).keys())
    assert [part.defects for part in mail.walk() if part.defects] == []


def test_a_message_id_is_random_and_says_only_our_domain() -> None:
    ids = {new_message_id("acme.example") for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"<[0-9a-f]{32}@acme\.example>", one) for one in ids)


def test_a_message_id_of_a_long_or_foreign_domain_arrives_as_it_left() -> None:
    for domain in ("bücher.example", ".".join(["a" * 60] * 4)):
        message_id = new_message_id(domain)
        mail = sent(CONFIRMED, message_id=message_id, in_reply_to=message_id)
        assert mail["Message-ID"] == message_id
        assert mail["In-Reply-To"] == message_id
        assert mail["References"] == message_id
