"""What people type, made fit to keep, or refused with one sentence that says what to do.

The forms call the same checks, so that a page and a script are told the same.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

LONGEST_NAME = 200  # characters
LONGEST_LINE = 200
LONGEST_TEXT = 4_000
LONGEST_URL = 1_300  # Google's limit for an entry point's address


class Refused(Exception):
    """Something typed cannot be kept. `field` is the input's name, the message a sentence for people."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def name(text: str, *, field: str = "name") -> str:
    """Return a person's or a thing's name on one line, or raise Refused."""
    return _line(text, field=field, longest=LONGEST_NAME, empty="Enter a name.")


def line(text: str, *, field: str, is_required: bool = True) -> str:
    """Return one line of text, or raise Refused."""
    return _line(
        text,
        field=field,
        longest=LONGEST_LINE,
        empty="Enter something here." if is_required else None,
    )


def paragraphs(text: str, *, field: str) -> str:
    """Return text of several lines, or raise Refused when it is too long."""
    kept = "\n".join(_without_controls(part).rstrip() for part in text.splitlines()).strip()
    if len(kept) > LONGEST_TEXT:
        raise Refused(field, f"Use at most {LONGEST_TEXT:,} characters.")
    return kept


def address(text: str, *, field: str = "email") -> str:
    """Return an e-mail address in lower case, or raise Refused."""
    try:
        # Whether mail arrives there is the mail server's to say, and no DNS is asked here.
        checked = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as refusal:
        raise Refused(field, "Enter one e-mail address, like ada@example.com.") from refusal
    # Punycode where the domain needs it: what is kept is what a mail server is told.
    return (checked.ascii_email or checked.normalized).lower()


def zone(text: str, *, field: str = "zone") -> ZoneInfo:
    """Return the time zone of an IANA name, or raise Refused."""
    if text not in available_timezones():
        raise Refused(field, "Choose a time zone from the list, like Europe/Berlin.")
    return ZoneInfo(text)


def web_address(text: str, *, field: str, is_required: bool = True) -> str:
    """Return an https address (http on this machine only), or raise Refused."""
    kept = text.strip()
    if not kept and not is_required:
        return ""
    try:
        parts = urlsplit(kept)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    is_local = parts.scheme == "http" and host in ("localhost", "127.0.0.1")
    is_clean = kept.isprintable() and " " not in kept and "@" not in parts.netloc
    if (
        not host
        or not (parts.scheme == "https" or is_local)
        or not is_clean
        or len(kept) > LONGEST_URL
    ):
        raise Refused(field, "Enter a full address that begins with https://.")
    return kept


def _line(text: str, *, field: str, longest: int, empty: str | None) -> str:
    kept = " ".join(_without_controls(text).split())
    if not kept and empty is not None:
        raise Refused(field, empty)
    if len(kept) > longest:
        raise Refused(field, f"Use at most {longest} characters.")
    return kept


def _without_controls(text: str) -> str:
    # Line breaks and control characters become spaces; marks for right-to-left text stay.
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in composed)
