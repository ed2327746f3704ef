"""Whether to believe an ID token. Authlib checks the signature; every claim is checked here.

Authlib looks neither at `hd` nor at `email_verified` nor at the address itself (SECURITY.md 6).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from scheduler.commands import checks
from scheduler.commands.checks import Refused
from scheduler.commands.sign_in import SignInRefused, VerifiedIdentity

LEEWAY = timedelta(minutes=2)  # between the issuer's clock and ours
OLDEST = timedelta(minutes=10)  # from the token endpoint's answer to our reading it
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class NotBelieved(SignInRefused):
    """A claim is missing or wrong: a fault or a forgery. `claim` goes to the log, not to the page."""

    def __init__(self, claim: str) -> None:
        super().__init__(
            "The answer of the sign-in service could not be trusted. Please try again."
        )
        self.claim = claim


def identity_of(
    claims: Mapping[str, object],
    *,
    allowed_domains: Collection[str],
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
) -> VerifiedIdentity:
    """Return who an ID token speaks of, if they are one of ours. Raises SignInRefused."""
    subject = subject_of(claims, issuer=issuer, client_id=client_id, nonce=nonce, now=now)
    email = verified_address(claims)
    domain = email.rpartition("@")[2]
    if claims.get("hd") != domain or domain not in allowed_domains:
        raise SignInRefused(
            f"Please sign in with an account of {' or '.join(allowed_domains)}: others have no access."
        )
    name = claims.get("name")
    return VerifiedIdentity(
        issuer=issuer, subject=subject, email=email, name=name if isinstance(name, str) else email
    )


def subject_of(
    claims: Mapping[str, object], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> str:
    """Return the subject of a token that was made for us, now, for this browser. Raises NotBelieved."""
    _expect("iss", claims.get("iss") == issuer)
    _expect("aud", claims.get("aud") in (client_id, [client_id]))
    _expect("azp", claims.get("azp", client_id) == client_id)
    _expect("nonce", bool(nonce) and claims.get("nonce") == nonce)
    at = now.timestamp()
    leeway = LEEWAY.total_seconds()
    # Written so that not-a-number fails, too.
    _expect("exp", _seconds(claims, "exp") > at - leeway)
    _expect("iat", at - OLDEST.total_seconds() < _seconds(claims, "iat") < at + leeway)
    _expect("nbf", "nbf" not in claims or _seconds(claims, "nbf") < at + leeway)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _is_plain(subject) or len(subject) > LONGEST_SUBJECT:
        raise NotBelieved("sub")
    return subject


def verified_address(claims: Mapping[str, object]) -> str:
    """Return the address that the issuer vouches for, in lower case. Raises SignInRefused."""
    email = claims.get("email")
    if not isinstance(email, str) or not _is_plain(email) or email.count("@") != 1:
        raise NotBelieved("email")
    if claims.get("email_verified") is not True:
        raise SignInRefused("The address of this account has not been verified.")
    try:
        return checks.address(email)
    except Refused:
        raise NotBelieved("email") from None


def _expect(claim: str, holds: bool) -> None:
    if not holds:
        raise NotBelieved(claim)


def _seconds(claims: Mapping[str, object], claim: str) -> float:
    value = claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotBelieved(claim)
    return value


def _is_plain(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
