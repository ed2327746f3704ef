"""A client of the emulator's issuer, one plain HTTP request at a time."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.emulator.conftest import PRIYA

CALLBACK = "http://localhost:8000/login/callback"
LOOPBACK = "http://127.0.0.1:9797/cb"
CALENDAR = "https://www.googleapis.com/auth/calendar"
FREE_BUSY = "https://www.googleapis.com/auth/calendar.freebusy"
USERINFO_EMAIL = "https://www.googleapis.com/auth/userinfo.email"
USERINFO_PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
ROBOT = "robot@project.iam.gserviceaccount.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
VERIFIER = "v" * 50


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def asked(**changed: str) -> dict[str, str]:
    """Return an authorization request that is in order; "" leaves a parameter out."""
    given = {
        "client_id": "greenroom",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid email profile",
        "state": "s1",
        "nonce": "n1",
    }
    return {name: value for name, value in {**given, **changed}.items() if value}


def sent_back(answer: Any) -> dict[str, str]:
    """Return what the browser carries back to the client."""
    assert answer.status_code in (302, 303), answer.text
    location = urlsplit(answer.headers["Location"])
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def agree(http: FlaskClient, email: str = PRIYA, **changed: str) -> str:
    """Choose an account on the consent page; return the code."""
    back = sent_back(http.post("/authorize", data=asked(**changed) | {"account": email}))
    assert back["state"] == "s1"
    return back["code"]


def exchange(http: FlaskClient, code: str, **changed: str) -> Any:
    """Exchange a code; "" leaves a parameter out."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "greenroom",
        "client_secret": "shh",
    }
    return http.post("/token", data={n: v for n, v in {**form, **changed}.items() if v})


def refresh(http: FlaskClient, refresh_token: str, **changed: str) -> Any:
    """Use a refresh token."""
    given = {"grant_type": "refresh_token", "refresh_token": refresh_token, "redirect_uri": ""}
    return exchange(http, "", **{**given, **changed})


def offline(http: FlaskClient, email: str = PRIYA, **changed: str) -> dict[str, Any]:
    """Sign somebody in with a refresh token; return the token endpoint's answer."""
    code = agree(http, email, access_type="offline", prompt="consent", **changed)
    answer: dict[str, Any] = exchange(http, code).json
    assert "refresh_token" in answer
    return answer


def claims(http: FlaskClient, id_token: str) -> dict[str, Any]:
    """Return the claims of an ID token, after checking its signature against the key set."""
    keys = KeySet.import_key_set(http.get("/certs").json)  # type: ignore[arg-type]
    return jwt.decode(id_token, keys, algorithms=["RS256"]).claims


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries an access token."""
    return {"Authorization": f"Bearer {token}"}


def api(http: FlaskClient, token: str) -> int:
    """Return the status of a call to the calendar with a token."""
    return http.get("/calendar/v3/users/me/calendarList", headers=bearer(token)).status_code


@cache
def robots_key() -> tuple[str, str]:
    """Return the service account's key: private and public, as PEM."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
