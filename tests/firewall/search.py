"""Looks for texts in bytes, however they are wrapped: plain, escaped, encoded, folded or hashed."""

from __future__ import annotations

import base64
import hashlib
import json
import quopri
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import quote

from tests.firewall.canaries import Canary

SHORTEST_NEEDLE = 8  # bytes; less would be found by chance in random tokens


@dataclass(frozen=True, slots=True)
class Captured:
    """Bytes on their way to somebody, and how they went."""

    where: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    where: str
    field: str
    wrapping: str


def search(material: Iterable[Captured], canaries: Iterable[Canary]) -> list[Finding]:
    """Return every canary found in `material`, with where it was and how it was wrapped."""
    pieces = list(material)
    views = {name: [view(each.content) for each in pieces] for name, view in VIEWS.items()}
    blobs = {name: SEPARATOR.join(contents) for name, contents in views.items()}
    return [
        Finding(piece.where, canary.field, needle.wrapping)
        for canary in canaries
        for needle in needles(canary.text)
        if needle.content in blobs[needle.view]
        for piece, content in zip(pieces, views[needle.view], strict=True)
        if needle.content in content
    ]


def found_fields(material: Iterable[Captured], canaries: Iterable[Canary]) -> set[str]:
    return {finding.field for finding in search(material, canaries)}


# -- the hay ---------------------------------------------------------------------------------------

SEPARATOR = b"\x00\x00\n\x00\x00"


def _lines(content: bytes) -> bytes:
    """In lower case, with lines whole again: iCalendar and mail headers go on after a space,
    quoted-printable after an equals sign."""
    return re.sub(rb"\r?\n[ \t]|=\r?\n", b"", content.lower())


def _together(content: bytes) -> bytes:
    """Without spaces and line ends: base64 is cut anywhere, and a name where a line was full."""
    return re.sub(rb"=\r?\n|\s+", b"", content)


VIEWS: dict[str, Callable[[bytes], bytes]] = {
    "lines": _lines,
    "together": _together,
    "together, lower case": lambda content: _together(content).lower(),
}


def mail_parts(where: str, raw: bytes) -> list[Captured]:
    """Return a mail as it was sent, its headers as they are read, and every part decoded."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    found = [Captured(where, raw)]
    for number, part in enumerate(message.walk()):
        headers = "\n".join(f"{name}: {value}" for name, value in part.items())
        found.append(Captured(f"{where}, headers {number}", headers.encode()))
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found.append(Captured(f"{where}, part {number} {part.get_content_type()}", content))
    return found


def cookie_parts(where: str, header: str) -> list[Captured]:
    """Return a cookie, and what a session in it says: signed is not encrypted."""
    found = [Captured(where, header.encode())]
    value = header.partition("=")[2].partition(";")[0].strip('"')
    is_packed = value.startswith(".")
    payload = value.lstrip(".").partition(".")[0]
    try:
        content = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        found.append(Captured(f"{where}, read", zlib.decompress(content) if is_packed else content))
    except (ValueError, zlib.error):
        pass
    return found


# -- the needles -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Needle:
    wrapping: str
    view: str
    content: bytes


def needles(text: str) -> Iterator[Needle]:
    """Yield the ways in which `text` may stand in bytes."""
    seen: set[tuple[str, bytes]] = set()
    for needle in _needles(text):
        if len(needle.content) >= SHORTEST_NEEDLE and (needle.view, needle.content) not in seen:
            seen.add((needle.view, needle.content))
            yield needle


def _needles(text: str) -> Iterator[Needle]:
    for form in (text, text.upper(), unicodedata.normalize("NFD", text)):
        for wrapping, content in _spellings(form):
            yield Needle(wrapping, "lines", content.lower())
        spaceless = "".join(form.split()).lower()
        yield Needle("without its spaces", "together, lower case", spaceless.encode())
    for form in (text, text.lower()):
        for wrapping, content in _codes(form):
            yield Needle(wrapping, "together", content)


def _spellings(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield texts that keep their letters one by one. Their case is of no importance."""
    yield "plain", text.encode()
    if all(ord(letter) < 256 for letter in text):
        yield "Latin-1", text.encode("latin-1")
    yield "percent", quote(text).encode()
    yield "quoted-printable", quopri.encodestring(text.encode())
    yield "encoded word", _encoded_word(text)
    yield "HTML", text.encode("ascii", "xmlcharrefreplace")
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "percent, all of it", "".join(f"%{byte:02x}" for byte in text.encode()).encode()
    yield "quoted-printable, all", "".join(f"={byte:02x}" for byte in text.encode()).encode()
    yield "HTML decimal, all", "".join(f"&#{ord(letter)};" for letter in text).encode()
    yield "HTML hex, all", "".join(f"&#x{ord(letter):x};" for letter in text).encode()
    yield "JSON, all", "".join(f"\\u{ord(letter):04x}" for letter in text).encode()
    yield "hex", text.encode().hex().encode()


def _codes(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield texts that have become something else altogether."""
    yield from _base64(text)
    if "@" in text:
        yield from _digests(text)


def _encoded_word(text: str) -> bytes:
    letters = (
        chr(byte)
        if byte < 128 and (chr(byte).isalnum() or chr(byte) in "-!*+/")
        else f"={byte:02X}"
        for byte in text.encode()
    )
    return "".join(letters).replace("=20", "_").encode()


def _base64(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield what stays the same whatever stands around `text`: one needle for each alignment."""
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + text.encode())
        # The letters that also depend on neighbours go: at the front and, but for a whole number
        # of triples, at the end.
        front = (0, 2, 3)[shift]
        back = len(code) - (0 if (shift + len(text.encode())) % 3 == 0 else 4)
        middle = code[front:back]
        yield f"base64 {shift}", middle
        yield f"base64 {shift}, for URLs", middle.replace(b"+", b"-").replace(b"/", b"_")


def _digests(text: str) -> Iterator[tuple[str, bytes]]:
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, text.encode(), usedforsecurity=False).digest()
        yield name, digest.hex().encode()
        yield name, base64.b64encode(digest).rstrip(b"=")
        yield name, base64.urlsafe_b64encode(digest).rstrip(b"=")
