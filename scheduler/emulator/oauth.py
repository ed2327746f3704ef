"""The authorization server: Authlib's, with codes and tokens in the store, refusing as Google does."""

from __future__ import annotations

import hmac
import json
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Response

from scheduler.emulator import tokens
from scheduler.emulator.code_grant import CodeGrant, back
from scheduler.emulator.company import Account
from scheduler.emulator.delegation import ServiceAccount, ServiceAccountGrant
from scheduler.emulator.id_tokens import IdToken
from scheduler.emulator.oauth_errors import Refusal, in_googles_words
from scheduler.emulator.refresh_grant import RefreshGrant
from scheduler.emulator.revocation import Revocation
from scheduler.emulator.settings import EmulatorSettings
from scheduler.emulator.tokens import ACCESS_SECONDS, Issued
from scheduler.emulator.world import World

_RESPONSE_TYPE = "code"
_NEVER_CACHED = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate"),
    ("Pragma", "no-cache"),
)


class Issuer(AuthorizationServer):
    """Google's issuer for the one client of the settings: both endpoints, revocation, `iss`."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.client = Client(world.settings)
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda **_: tokens.new_access_token(),
                lambda **_: tokens.new_refresh_token(),
                lambda *_: ACCESS_SECONDS,
            ),
        )
        id_token = IdToken(world)
        self.register_grant(CodeGrant, [CodeChallenge(required=False), id_token])
        self.register_grant(RefreshGrant, [id_token])
        self.register_grant(ServiceAccountGrant)
        self.register_endpoint(Revocation)
        self.register_extension(NamedIssuer(world.settings.base_url))

    def query_client(self, client_id: str) -> Client | None:  # type: ignore[override]
        """Return the client by its id; None for any other (the stubs forget that)."""
        ours = self.client.get_client_id()
        return self.client if hmac.compare_digest(client_id.encode(), ours.encode()) else None

    def authenticate_client(
        self, request: OAuth2Request, methods: Any, endpoint: str = "token"
    ) -> ClientMixin:
        """Return the client that proves itself; Authlib knows the ways, Google has the words."""
        client_id, secret = _presented(request)
        if not client_id:
            raise Refusal("invalid_request", "Could not determine client ID from request.")
        if self.query_client(client_id) is None:
            raise Refusal("invalid_client", "The OAuth client was not found.", 401)
        if not secret:
            raise Refusal("invalid_request", "client_secret is missing.")
        try:
            return super().authenticate_client(request, methods, endpoint)
        except OAuth2Error as error:
            said = "The provided client secret is invalid."
            raise Refusal("invalid_client", said, 401) from error

    def get_authorization_grant(self, request: OAuth2Request) -> Any:
        """Return the code grant; there is no other way to ask."""
        assert request.payload is not None
        asked = request.payload.data.get("response_type")
        if not asked:
            raise Refusal("invalid_request", "Required parameter is missing: response_type")
        if asked != _RESPONSE_TYPE:
            raise Refusal("unsupported_response_type", f"Invalid response_type: {asked}")
        return super().get_authorization_grant(request)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep what has just been made, tied to the code or refresh token that it comes from."""
        source: Issued | None = _source(request)
        impersonator = request.client if isinstance(request.client, ServiceAccount) else None
        account: Account | None = request.user
        email = account.email if account else impersonator.email if impersonator else ""
        scopes = frozenset(str(token["scope"]).split())
        grant_id = source.grant_id if source else ""
        access = Issued(
            secret=token["access_token"],
            kind=tokens.ACCESS,
            email=email,
            scopes=scopes,
            grant_id=grant_id,
            body={"bare": True} if account is None else {"offline": _is_offline(source)},
        )
        tokens.save(self.world, access, seconds=ACCESS_SECONDS)
        if "refresh_token" in token and source:
            refresh = Issued(
                secret=token["refresh_token"],
                kind=tokens.REFRESH,
                email=email,
                scopes=source.scopes,
                grant_id=grant_id,
            )
            tokens.save(self.world, refresh)

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        """Return Flask's answer: JSON that nobody keeps, or the way back to the client."""
        if not isinstance(payload, dict):
            return Response(payload, status=status_code, headers=headers)
        return Response(json.dumps(payload), status=status_code, headers=list(_NEVER_CACHED))

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> Response:
        """Return a refusal as Google puts it."""
        if error.redirect_uri:
            # Google sends no description back with the browser.
            subtype = getattr(error, "subtype", "")
            told = {"error": error.error, "error_subtype": subtype, "state": error.state}
            return self.handle_response(*back(error.redirect_uri, told))
        refusal = in_googles_words(error)
        body = {"error": refusal.error, "error_description": refusal.description}
        return self.handle_response(refusal.status_code, body, None)


class Client(ClientMixin):
    """The one OAuth client, of the type "web application"."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings

    def get_client_id(self) -> str:
        """Return its id."""
        return self._settings.client_id

    def get_default_redirect_uri(self) -> str:
        """Return none: Google wants it said."""
        return ""

    def get_allowed_scope(self, scope: Any) -> str:
        """Return the scope as it is: what a person agrees to is theirs to say."""
        return str(scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Say whether this very address is registered."""
        return redirect_uri in self._settings.allowed_redirects

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare the secret, in a time that tells nothing."""
        return hmac.compare_digest(client_secret.encode(), self._settings.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Allow HTTP Basic as well as the form, at every endpoint."""
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        """Allow the code flow."""
        return response_type == _RESPONSE_TYPE

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow both grants of a web application."""
        return grant_type in (CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE)


class NamedIssuer(IssuerParameter):
    """`iss` on every way back to the client (RFC 9207), which Google's discovery announces."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def get_issuer(self) -> str:
        """Return the issuer's name."""
        return self._base_url


def _presented(request: OAuth2Request) -> tuple[str, str]:
    """Return the client's id and secret, from HTTP Basic or else from the form."""
    try:
        client_id, secret = extract_basic_authorization(dict(request.headers or {}))
    except ValueError:  # not base64, or not UTF-8
        return "", ""
    if client_id is None:
        client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    return client_id or "", secret or ""


def _source(request: OAuth2Request) -> Issued | None:
    """Return the code or the refresh token that tokens are made from, if from either."""
    found = request.authorization_code or request.refresh_token
    return found.issued if found else None


def _is_offline(source: Issued | None) -> bool:
    return source is not None and (source.kind == tokens.REFRESH or source.body["offline"])
