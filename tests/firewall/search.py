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
    findings = []
    for canary in canaries:
        for wrapping, needle in needles(canary.text):
            for name, blob in blobs.items():
                if needle in blob:
                    findings += [
                        Finding(piece.where, canary.field, f"{wrapping}, {name}")
                        for piece, content in zip(pieces, views[name], strict=True)
                        if needle in content
                    ]
    return findings


def found_fields(material: Iterable[Captured], canaries: Iterable[Canary]) -> set[str]:
    return {finding.field for finding in search(material, canaries)}


# -- the hay ---------------------------------------------------------------------------------------

SEPARATOR = b"\x00\x00\n\x00\x00"


def _together(content: bytes) -> bytes:
    """Without spaces and line ends: base64 and long lines are cut anywhere."""
    return re.sub(rb"=\r?\n|\s+", b"", content)


VIEWS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda content: content + SEPARATOR + content.lower(),
    # Lines that were too long: iCalendar and mail headers go on after a space, quoted-printable
    # after an equals sign.
    "unfolded": lambda content: re.sub(rb"\r?\n[ \t]|=\r?\n", b"", content.lower()),
    "together": lambda content: _together(content) + SEPARATOR + _together(content.lower()),
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


def needles(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield the ways in which `text` may stand in bytes, each with its name."""
    seen: set[bytes] = set()
    for wrapping, needle in _needles(text):
        if len(needle) >= SHORTEST_NEEDLE and needle not in seen:
            seen.add(needle)
            yield wrapping, needle


def _needles(text: str) -> Iterator[tuple[str, bytes]]:
    forms = {text, text.lower(), text.upper(), unicodedata.normalize("NFD", text)}
    for form in sorted(forms):
        yield "plain", form.encode()
        yield "Latin-1", form.encode("latin-1", "ignore") if _is_latin(form) else b""
        yield "percent", quote(form).encode()
        yield "percent, lower case", quote(form).lower().encode()
        yield "quoted-printable", quopri.encodestring(form.encode())
        yield "encoded word", _encoded_word(form)
        yield "HTML", form.encode("ascii", "xmlcharrefreplace")
        yield "JSON", json.dumps(form)[1:-1].encode()
        yield "percent, all of it", "".join(f"%{byte:02x}" for byte in form.encode()).encode()
        yield "percent, all of it", "".join(f"%{byte:02X}" for byte in form.encode()).encode()
        yield "quoted-printable, all", "".join(f"={byte:02X}" for byte in form.encode()).encode()
        yield "HTML decimal, all", "".join(f"&#{ord(letter)};" for letter in form).encode()
        yield "HTML hex, all", "".join(f"&#x{ord(letter):x};" for letter in form).encode()
        yield "JSON, all", "".join(f"\\u{ord(letter):04x}" for letter in form).encode()
        yield "hex", form.encode().hex().encode()
        yield from _base64(form)
        yield from _digests(form)
    together = "".join(text.split())
    if together != text:
        yield "without its spaces", together.encode()
        yield "without its spaces", together.lower().encode()


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text) and not text.isascii()


def _encoded_word(text: str) -> bytes:
    letters = (
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}"
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
