"""The way to the OpenID issuer and back: code flow with PKCE, state and nonce in the browser's session."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth, OAuthError
from flask import Flask, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from scheduler.commands.sign_in import SignInRefused
from scheduler.config import Settings

log = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(seconds=10)
MOST_ATTEMPTS = 3  # in one browser at the same time; a cookie holds 4 KB

SIGN_IN, CONNECTION = "sign_in", "connection"
"""A state that was made to sign in does not connect the scheduling account, and the other way round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the issuer answered. The signature of `claims` was checked, nothing else."""

    claims: Mapping[str, object]
    issuer: str
    nonce: str
    scope: str
    refresh_token: str | None


def register(app: Flask, settings: Settings) -> None:
    """Make the issuer known to `app`. It is asked for its metadata when first needed."""
    oauth: Any = OAuth(app)
    for purpose in (SIGN_IN, CONNECTION):
        oauth.register(
            purpose,
            client_cls=_Client,
            client_id=settings.google_client_id,
            client_secret=settings.google_client_secret,
            server_metadata_url=settings.google_oidc_discovery_url,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": ANSWER_WITHIN.total_seconds(),
            },
        )


def send_to(purpose: str, callback: str, **asked: str) -> ResponseReturnValue:
    """Send the browser to the issuer, which sends it back to `callback`. Raises SignInRefused."""
    client = _client(purpose)
    _forget_old_attempts(purpose)
    try:
        request = client.create_authorization_url(callback, **asked)
    except (requests.RequestException, RuntimeError, ValueError) as failure:
        log.warning("the issuer did not answer", extra={"failure": type(failure).__name__})
        raise SignInRefused(
            "The sign-in service cannot be reached at the moment. Please try again in a minute."
        ) from failure
    kept = {name: request[name] for name in ("state", "nonce", "code_verifier")}
    client.save_authorize_data(redirect_uri=callback, **kept)
    return redirect(request["url"], 303)


def answer(purpose: str) -> Answer:
    """Return what the issuer sent this browser back with. Raises SignInRefused, whatever is wrong."""
    client = _client(purpose)
    attempt = client.framework.get_state_data(session, request.args.get("state")) or {}
    try:
        token = client.authorize_access_token()
        return Answer(
            claims=dict(token["userinfo"]),
            issuer=str(client.server_metadata["issuer"]),
            nonce=str(attempt.get("nonce", "")),
            scope=str(token.get("scope", "")),
            refresh_token=token.get("refresh_token"),
        )
    except Exception as failure:
        # Broken tokens fail in a hundred ways inside the libraries (SECURITY.md 7 counts 26).
        log.warning("no sign-in", extra={"failure": type(failure).__name__})
        if isinstance(failure, OAuthError) and failure.error == "access_denied":
            raise SignInRefused("You did not agree, so nothing has been done.") from failure
        raise SignInRefused(
            "That did not work: it took too long, or it began in another browser. Please try again."
        ) from failure


def revoke(token: str) -> bool:
    """Have the issuer forget a token. Says whether it did."""
    client = _client(CONNECTION)
    try:
        endpoint = client.load_server_metadata()["revocation_endpoint"]
        revoked = requests.post(
            endpoint,
            data={"token": token},
            timeout=ANSWER_WITHIN.total_seconds(),
            allow_redirects=False,
        )
    except (requests.RequestException, KeyError, ValueError) as failure:
        log.warning("a token was not revoked", extra={"failure": type(failure).__name__})
        return False
    return revoked.ok


_FlaskOAuth2App: Any = FlaskOAuth2App  # types-Authlib lacks what is overridden here


class _Client(_FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's client, with one way to sign and without redirects behind our back."""

    def parse_id_token(
        self, token: Mapping[str, Any], nonce: str, *_unused: object, **_more: object
    ) -> Mapping[str, Any]:
        """Return the claims of an ID token signed with RS256 by a key of the issuer, unchecked."""
        registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
        try:
            keys = KeySet.import_key_set(self.fetch_jwk_set())
            return jwt.decode(token["id_token"], keys, registry=registry).claims
        except InvalidKeyIdError:  # the issuer has a new key
            keys = KeySet.import_key_set(self.fetch_jwk_set(force=True))
            return jwt.decode(token["id_token"], keys, registry=registry).claims

    def _get_session(self) -> requests.Session:
        return _without_redirects(super()._get_session())

    def _get_oauth_client(self, **metadata: object) -> requests.Session:
        return _without_redirects(super()._get_oauth_client(**metadata))


def _without_redirects(browser: requests.Session) -> requests.Session:
    browser.max_redirects = 0
    return browser


def _client(purpose: str) -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].create_client(purpose)


def _forget_old_attempts(purpose: str) -> None:
    prefix = f"_state_{purpose}_"
    attempts = sorted(
        (name for name in session if name.startswith(prefix)),
        key=lambda name: session[name].get("exp", 0),
    )
    for name in attempts[: -(MOST_ATTEMPTS - 1)]:
        del session[name]
