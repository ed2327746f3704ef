"""Browsers of the people in our stories, and the Google that they sign in at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scheduler.clock import utc_now
from scheduler.commands.sign_in import VerifiedIdentity
from scheduler.domain.people import Role
from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator
from scheduler.queries import sessions
from scheduler.web.sessions import SECRET
from tests.cast import DOMAIN, PRIYA

CSRF = "csrf_token"
ALEX = Account(
    email=f"alex@{DOMAIN}", name="Alex Whitcombe", kind="admin", zone="Europe/London", hd=DOMAIN
)
KWAME = Account(
    email=f"kwame@{DOMAIN}",
    name="Kwame Boateng",
    kind="coordinator",
    zone="Europe/Berlin",
    hd=DOMAIN,
)
OWEN = Account(
    email=f"owen@{DOMAIN}", name="Owen Castellanos", kind="interviewer", zone="UTC", hd=DOMAIN
)
WHO = {Role.ADMIN: ALEX, Role.RECRUITER: PRIYA, Role.COORDINATOR: KWAME, Role.INTERVIEWER: OWEN}
"""Somebody of each role."""


class Browser(FlaskClient):
    """A browser that sends forms as people do: with the token that the page gave it."""

    def send(
        self, path: str, fields: Mapping[str, object] | None = None, **more: object
    ) -> TestResponse:
        """POST a form with its CSRF token."""
        return self.post(path, data={CSRF: self.csrf_token(), **(fields or {})}, **more)

    def csrf_token(self) -> str:
        """Return a token for this browser's session, as any page with a form would hold."""
        page = self.get("/login").text
        return page.partition(f'name="{CSRF}" value="')[2].partition('"')[0]

    def secret(self) -> str | None:
        with self.session_transaction() as session:
            return session.get(SECRET)


@dataclass(frozen=True)
class Google:
    """The emulator that stands in for Google, on a real port."""

    url: str
    emulator: Emulator

    @property
    def discovery_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def consent(self, authorize_url: str, email: str, *, decision: str = "allow") -> str:
        """Choose an account on the consent page; return where the browser is sent next."""
        asked = {name: said[0] for name, said in parse_qs(urlsplit(authorize_url).query).items()}
        answer = requests.post(
            f"{self.url}/authorize",
            data=asked | {"account": email, "decision": decision},
            allow_redirects=False,
            timeout=5,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


SignedInAs = Callable[..., Browser]


def identity_of(account: Account) -> VerifiedIdentity:
    """Return the identity that an account signs in with where no issuer is asked."""
    return VerifiedIdentity(
        issuer="https://issuer.example",
        subject=f"subject of {account.email}".replace(" ", "-"),
        email=account.email,
        name=account.name,
    )


def user_of(app: Flask, browser: Browser) -> sessions.SignedIn | None:
    """Return who is signed in there, as the application would find."""
    secret = browser.secret()
    with app.app_context():
        return sessions.signed_in(secret, utc_now()) if secret else None
