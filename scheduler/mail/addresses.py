"""One mail address, in the form that a header and an SMTP server take."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address

SPECIALS = '<>()[],;:\\"@'
LOCAL_PART_LETTERS = 64


class UnusableAddress(Exception):
    """This is not one mail address. The message does not repeat it."""


def usable_address(text: str) -> str:
    """Return the address with its domain in ASCII. Raises UnusableAddress.

    Commands check addresses with care when they are typed. Here it only has to be certain that
    the text is one address, and no second recipient or header.
    """
    local, _, domain = text.rpartition("@")
    # By hand first: the parser takes comments and quoted strings, which no candidate has.
    if not 0 < len(local) <= LOCAL_PART_LETTERS or any(map(_is_special, local)):
        raise UnusableAddress("not one mail address")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        if local.isascii():
            Address(addr_spec=f"{local}@{ascii_domain}")
    except (MessageError, ValueError, IndexError):
        raise UnusableAddress("not one mail address") from None
    if not ascii_domain or not all(letter.isalnum() or letter in "-." for letter in ascii_domain):
        raise UnusableAddress("not one mail address")
    return f"{local}@{ascii_domain}"


def _is_special(letter: str) -> bool:
    return letter.isspace() or not letter.isprintable() or letter in SPECIALS
