"""What a broken or hostile issuer can do: nothing, and never more than a plain page."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jws
from joserfc.jwk import RSAKey
from joserfc.registry import HeaderParameter
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from scheduler.config import Settings
from tests.web.browsers import Browser

CLIENT, SECRET = "test-client", "test-client-secret"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"})
NEXT_KEY = RSAKey.generate_key(2048, {"kid": "two"})


@dataclass
class Issuer:
    """An issuer that answers what a test tells it to."""

    url: str = ""
    token: Callable[[], ResponseReturnValue] = lambda: ("", 500)
    keys: list[RSAKey] = field(default_factory=lambda: [KEY])
    fetched: list[str] = field(default_factory=list)

    def claims(self, nonce: str) -> dict[str, object]:
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "1053",
            "nonce": nonce,
            "iat": now,
            "exp": now + 3600,
            "hd": "northwind.example",
            "email": "dana@northwind.example",
            "email_verified": True,
            "name": "Dana Okonkwo",
        }


def signed(claims: object, key: Any = KEY, *, alg: str = "RS256", **header: object) -> str:
    registry = jws.JWSRegistry(
        {"exp2": HeaderParameter("Made up", "int")}, algorithms=[alg], strict_check_header=False
    )
    protected = {"alg": alg, "kid": "one"} | header
    return jws.serialize_compact(protected, json.dumps(claims), key, registry=registry)


def test_a_good_token_opens_a_session(forger: Forger) -> None:
    answer = forger.come_back(lambda claims: signed(claims))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_new_key_of_the_issuer_is_found(newcomer: Forger) -> None:
    newcomer.come_back(lambda claims: signed(claims))
    newcomer.issuer.keys = [NEXT_KEY, KEY]
    answer = newcomer.come_back(lambda claims: signed(claims, NEXT_KEY, kid="two"))
    assert answer.status_code == 303


PUBLIC_PEM = KEY.as_pem(private=False)


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(alg: str) -> Callable[[object], str]:
    return lambda claims: f"{encoded({'alg': alg, 'typ': 'JWT'})}.{encoded(claims)}."


def shared(claims: object, secret: bytes) -> str:
    """A token signed with HS256, by hand: joserfc would not do it with a public key."""
    text = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def tampered(claims: dict[str, object]) -> str:
    header, _, signature = signed(claims).split(".")
    return f"{header}.{encoded(claims | {'sub': '1'})}.{signature}"


TOKENS: dict[str, Callable[[Any], object]] = {
    "no algorithm": unsigned("none"),
    "no algorithm, spelt otherwise": unsigned("nOnE"),
    "HS256 with the public key": lambda claims: shared(claims, PUBLIC_PEM),
    "HS256 with the client secret": lambda claims: shared(claims, SECRET.encode()),
    "RS512": lambda claims: signed(claims, alg="RS512"),
    "PS256": lambda claims: signed(claims, alg="PS256"),
    "stripped of its signature": lambda claims: signed(claims).rpartition(".")[0] + ".",
    "tampered with": tampered,
    "another key by the same name": lambda claims: signed(claims, OTHER_KEY),
    "an unknown key": lambda claims: signed(claims, OTHER_KEY, kid="three"),
    "a key in its own header": lambda claims: signed(
        claims, OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)
    ),
    "a key at an address of its own": lambda claims: signed(
        claims, OTHER_KEY, jku="https://evil.example/certs"
    ),
    "an unknown critical header": lambda claims: signed(claims, crit=["exp2"], exp2=1),
    "not a token": lambda claims: "abc",
    "two dots": lambda claims: "..",
    "empty": lambda claims: "",
    "a number": lambda claims: 7,
    "an object": lambda claims: {"a": 1},
    "a list of claims": lambda claims: signed([claims]),
    "no claims": lambda claims: signed({}),
    "null for claims": lambda claims: signed(None),
    "very long": lambda claims: signed(claims | {"name": "x" * 200_000}),
    "the nonce of another attempt": lambda claims: signed(claims | {"nonce": "stale"}),
    "no nonce": lambda claims: signed({k: v for k, v in claims.items() if k != "nonce"}),
    "no nonce supported": lambda claims: signed(
        {k: v for k, v in claims.items() if k != "nonce"} | {"nonce_supported": False}
    ),
    "another domain": lambda claims: signed(claims | {"hd": "evil.example"}),
    "no domain": lambda claims: signed({k: v for k, v in claims.items() if k != "hd"}),
    "an address that was not verified": lambda claims: signed(claims | {"email_verified": "false"}),
    "for somebody else": lambda claims: signed(claims | {"aud": "another"}),
    "of another issuer": lambda claims: signed(claims | {"iss": "https://evil.example"}),
    "expired": lambda claims: signed(claims | {"exp": 1}),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_forged_token_opens_nothing(forger: Forger, token: Callable[[Any], object]) -> None:
    answer = forger.come_back(token)
    assert_refused(answer)
    assert forger.browser.secret() is None
    assert set(forger.issuer.fetched) <= {"/.well-known/openid-configuration", "/token", "/certs"}


ANSWERS: dict[str, ResponseReturnValue | Callable[[], ResponseReturnValue]] = {
    "an error": ({"error": "invalid_grant"}, 400),
    "an error of the server": ("", 500),
    "a page": ("<h1>Hello</h1>", 200),
    "nothing": ("", 200),
    "a list": ("[]", 200),
    "a number": ("7", 200),
    "broken JSON": ("{", 200),
    "no ID token": ({"access_token": "x", "token_type": "Bearer"}, 200),
    "nothing of a token": ({}, 200),
    "null for an ID token": ({"access_token": "x", "token_type": "Bearer", "id_token": None}, 200),
    "a way elsewhere": lambda: redirect("/elsewhere", 307),
}


@pytest.mark.parametrize("said", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_broken_token_endpoint_is_a_plain_page(
    forger: Forger, said: ResponseReturnValue | Callable[[], ResponseReturnValue]
) -> None:
    forger.issuer.token = said if callable(said) else lambda: said  # type: ignore[assignment]
    assert_refused(forger.return_from_issuer(forger.start()))
    assert "/elsewhere" not in forger.issuer.fetched


def test_keys_that_are_none_are_a_plain_page(newcomer: Forger) -> None:
    newcomer.issuer.keys = []
    assert_refused(newcomer.come_back(lambda claims: signed(claims)))


def test_an_issuer_that_is_down_is_a_plain_page(settings: Settings, database_url: str) -> None:
    nobody = Issuer(url="http://localhost:9")
    browser: Browser = _application_of(nobody, settings).test_client()  # type: ignore[assignment]
    answer = browser.send("/login")
    assert_refused(answer)
    assert "cannot be reached" in answer.text


def assert_refused(answer: TestResponse) -> None:
    assert 400 <= answer.status_code < 500, answer.status
    assert "You are not signed in" in answer.text
    assert "Traceback" not in answer.text


# -- the forger's workshop ---------------------------------------------------------------------


@dataclass
class Forger:
    issuer: Issuer
    browser: Browser

    def start(self) -> dict[str, str]:
        location = self.browser.send("/login").headers["Location"]
        return {name: said[0] for name, said in parse_qs(urlsplit(location).query).items()}

    def come_back(self, forge: Callable[[Any], object]) -> TestResponse:
        asked = self.start()
        token = forge(self.issuer.claims(asked["nonce"]))
        self.issuer.token = lambda: {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": token,
        }
        return self.return_from_issuer(asked)

    def return_from_issuer(self, asked: dict[str, str]) -> TestResponse:
        self.issuer.fetched.clear()
        return self.browser.get(f"/login/callback?code=c0de&state={asked['state']}")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    server = make_server("127.0.0.1", 0, _app_of(issuer), threaded=True)
    issuer.url = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def _forged_app(issuer: Issuer, settings: Settings) -> Flask:
    return _application_of(issuer, settings)


@pytest.fixture
def forger(issuer: Issuer, _forged_app: Flask, database_url: str) -> Forger:
    issuer.keys = [KEY]
    return Forger(issuer, _forged_app.test_client())  # type: ignore[arg-type]


@pytest.fixture
def newcomer(issuer: Issuer, settings: Settings, database_url: str) -> Forger:
    """A forger before an application that has not read the issuer's keys yet."""
    issuer.keys = [KEY]
    return Forger(issuer, _application_of(issuer, settings).test_client())  # type: ignore[arg-type]


def _application_of(issuer: Issuer, settings: Settings) -> Flask:
    from scheduler import create_app

    app = create_app(
        dataclasses.replace(
            settings, google_oidc_discovery_url=f"{issuer.url}/.well-known/openid-configuration"
        )
    )
    app.test_client_class = Browser
    return app


def _app_of(issuer: Issuer) -> Flask:
    app = Flask("issuer")

    @app.before_request
    def remember() -> None:
        issuer.fetched.append(request.path)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=issuer.url,
            authorization_endpoint=f"{issuer.url}/authorize",
            token_endpoint=f"{issuer.url}/token",
            jwks_uri=f"{issuer.url}/certs",
            # What an issuer offers decides nothing here.
            id_token_signing_alg_values_supported=["RS256", "HS256", "RS512", "PS256", "none"],
        )

    @app.post("/token")
    def token() -> ResponseReturnValue:
        return issuer.token()

    @app.get("/certs")
    def certs() -> Response:
        return jsonify(keys=[key.as_dict(private=False) for key in issuer.keys])

    return app
