"""The search itself: a scan that finds nothing anywhere would prove nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

import icalendar
import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.firewall.canaries import Canary, planted
from tests.firewall.search import Captured, cookie_parts, found_fields, mail_parts, search

VREL = planted()[0]
CANARIES = VREL.canaries()


def as_mail(text: str, **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "Your interview"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, cte="base64")
    return mail.as_bytes()


def as_file(text: str) -> bytes:
    calendar, event = icalendar.Calendar(), icalendar.Event()
    event.add("description", f"{'A long line before it. ' * 3}{text}")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


WRAPPINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda text: text.upper().encode(),
    "lower case": lambda text: text.lower().encode(),
    "HTML": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace"),
    "HTML, every letter": lambda text: "".join(f"&#{ord(each)};" for each in text).encode(),
    "JSON": lambda text: json.dumps({"x": text}).encode(),
    "URL": lambda text: quote(text).encode(),
    "base64, 0": lambda text: base64.b64encode(f"{text}!".encode()),
    "base64, 1": lambda text: base64.b64encode(f".{text}!".encode()),
    "base64, 2": lambda text: base64.b64encode(f"..{text}!".encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"id {text}".encode()).rstrip(b"="),
    "base64 in lines": lambda text: base64.encodebytes(f"{'x' * 50}{text}".encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "an iCalendar file, folded": as_file,
    "an encoded word": lambda text: Header(text, "utf-8").encode().encode(),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.field)
def test_finds_a_text_in_every_wrapping(canary: Canary, wrapping: str) -> None:
    content = b"<p>Hello</p> " + WRAPPINGS[wrapping](canary.text) + b" goodbye"

    assert found_fields([Captured("here", content)], [canary]) == {canary.field}


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256"])
def test_finds_the_hash_of_an_address(digest: str) -> None:
    hashed = hashlib.new(digest, VREL.email.encode(), usedforsecurity=False).hexdigest()
    page = Captured("avatar", f'<img src="https://avatars.example/{hashed}?s=80">'.encode())

    assert found_fields([page], [Canary("address", VREL.email)]) == {"address"}


def test_finds_it_in_decoded_mail_and_cookies() -> None:
    address = [Canary("address", VREL.email)]
    in_body = mail_parts("mail", as_mail(f"Write to {VREL.email}"))
    in_header = mail_parts("mail", as_mail("Hello", X_Panel=f'"{VREL.name}" <{VREL.email}>'))
    cookie = URLSafeTimedSerializer("secret").dumps({"panel": [VREL.email] * 9})
    in_cookie = cookie_parts("cookie", f"session={cookie}; Path=/")

    for material in (in_body, in_header, in_cookie):
        assert found_fields(material, address) == {"address"}


def test_finds_nothing_where_nothing_is() -> None:
    material = [Captured("page", b"<p>You are booked, Ada.</p>" * 50)]

    assert search(material, CANARIES) == []


def test_the_canaries_are_long_enough_to_be_no_accident() -> None:
    everybody = [canary for person in planted() for canary in person.canaries()]

    assert len(everybody) >= 5 * 12
    assert min(len(canary.text) for canary in everybody) >= 9
    assert len({canary.text for canary in everybody}) == len(everybody)
