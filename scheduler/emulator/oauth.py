"""The authorization server: Authlib's, with codes and tokens in the store, refusing as Google does."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDToken
from flask import Response, request

from scheduler.emulator import authorization, consents, tokens
from scheduler.emulator.authorization import Asked
from scheduler.emulator.company import Account
from scheduler.emulator.delegation import ServiceAccount, ServiceAccountGrant
from scheduler.emulator.identity import claims_of
from scheduler.emulator.oauth_errors import Refusal, in_googles_words, missing
from scheduler.emulator.scopes import full_names, with_short_names
from scheduler.emulator.settings import EmulatorSettings
from scheduler.emulator.signing import current_key
from scheduler.emulator.tokens import ACCESS_SECONDS, CODE_SECONDS, Issued
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
        settings = self.world.settings
        is_ours = hmac.compare_digest(client_id.encode(), settings.client_id.encode())
        return Client(settings) if is_ours else None

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


class Code(AuthorizationCodeMixin):
    """An authorization code, and what was asked when it was made."""

    def __init__(self, issued: Issued) -> None:
        self.issued = issued
        self.code_challenge: str = issued.body["code_challenge"]
        self.code_challenge_method: str | None = issued.body["code_challenge_method"] or None
        self.is_good_for_refresh_token: bool = issued.body["refresh"]

    def get_redirect_uri(self) -> str:
        """Return where the browser was sent back to."""
        return str(self.issued.body["redirect_uri"])

    def get_scope(self) -> str:
        """Return what was granted."""
        return _joined(self.issued.scopes)

    def get_nonce(self) -> str:
        """Return the nonce of the request, or ""."""
        return str(self.issued.body["nonce"])

    def get_auth_time(self) -> None:
        """Return nothing: Google tells the time of the sign-in only where `claims` asks for it."""


class RefreshToken(TokenMixin):
    """A refresh token of ours."""

    def __init__(self, issued: Issued) -> None:
        self.issued = issued

    def check_client(self, client: ClientMixin) -> bool:
        """Say yes: there is one client."""
        return True

    def get_scope(self) -> str:
        """Return what was granted, under every name that a client may use for it."""
        return _joined(with_short_names(self.issued.scopes))


class CodeGrant(AuthorizationCodeGrant):
    """A code for a yes, good once and for ten minutes; then tokens for the code."""

    server: Issuer

    def validate_authorization_request(self) -> str:
        """Return the redirect URI of a request that Google would put before a person."""
        assert self.request.payload is not None
        if not self.request.payload.client_id:
            raise missing("client_id")
        if self.server.query_client(self.request.payload.client_id) is None:
            raise Refusal("invalid_client", "The OAuth client was not found.", 401)
        redirect_uri = super().validate_authorization_request()
        self._asked()
        return redirect_uri

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuth2Request, client: ClientMixin) -> str:
        """Return the redirect URI, which has to be a registered one to the letter."""
        assert request.payload is not None
        if not request.payload.redirect_uri:
            raise missing("redirect_uri")
        if not client.check_redirect_uri(request.payload.redirect_uri):
            raise Refusal("redirect_uri_mismatch")
        return request.payload.redirect_uri

    def create_authorization_response(
        self, redirect_uri: str, grant_user: Account | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        """Return the way back to the client, with a code or with Google's word for none."""
        asked = self._asked()
        if grant_user is None:
            raise NoAnswer(redirect_uri, is_silent="none" in asked.prompts)
        self.request.user = grant_user
        world = self.server.world
        with world.store.transaction():
            needed = authorization.needs_consent(world, grant_user, asked)
            scopes = authorization.granted_scopes(world, grant_user, asked)
            code = self._new_code(grant_user, scopes, refresh=needed and asked.is_offline)
            consents.agree(world, grant_user.email, scopes, is_offline=asked.is_offline)
        assert self.request.payload is not None
        return back(
            redirect_uri,
            {
                "state": self.request.payload.state,
                "code": code,
                "scope": _joined(scopes),
                "authuser": "0",
                "hd": grant_user.hd,
                "prompt": "consent" if needed else "none",
            },
        )

    def query_authorization_code(self, code: str, client: ClientMixin) -> Code:
        """Return a code that can be exchanged; what a used one gave is revoked (RFC 6749, 4.1.2)."""
        world = self.server.world
        issued = tokens.find(world, code, tokens.CODE, tokens.USED_CODE)
        if issued is None:
            raise Refusal("invalid_grant", "Malformed auth code.")
        if issued.kind == tokens.USED_CODE:
            tokens.delete_grant(world, issued.grant_id)
            raise Refusal("invalid_grant")
        if tokens.is_expired(world, issued):
            raise Refusal("invalid_grant")
        return Code(issued)

    def generate_token(self, *args: Any, **given: Any) -> dict[str, Any]:
        """Return the answer; a refresh token is in it only after a yes to offline access."""
        code: Any = self.request.authorization_code
        given["include_refresh_token"] = code.is_good_for_refresh_token
        return super().generate_token(*args, **given)

    def authenticate_user(self, authorization_code: Code) -> Account | None:
        """Return who said yes, if the account is still there."""
        return self.server.world.account(authorization_code.issued.email)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Remember that the code is used."""
        tokens.mark_used(self.server.world, authorization_code.issued)

    def _asked(self) -> Asked:
        assert self.request.payload is not None
        return authorization.asked_for(self.request.payload.data)

    def _new_code(self, account: Account, scopes: frozenset[str], *, refresh: bool) -> str:
        assert self.request.payload is not None
        given = self.request.payload.data
        asked = ("redirect_uri", "nonce", "code_challenge", "code_challenge_method")
        code = Issued(
            secret=tokens.new_code(),
            kind=tokens.CODE,
            email=account.email,
            scopes=scopes,
            grant_id=tokens.new_grant_id(),
            body={**{name: given.get(name, "") for name in asked}, "refresh": refresh,
                  "offline": given.get("access_type") == "offline"},
        )  # fmt: skip
        tokens.save(self.server.world, code, seconds=CODE_SECONDS)
        return code.secret


class RefreshGrant(RefreshTokenGrant):
    """A fresh access token; the refresh token stays good, unless the switch says to rotate it."""

    TOKEN_ENDPOINT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS
    server: Issuer

    def __init__(self, request: OAuth2Request, server: Issuer) -> None:
        super().__init__(request, server)
        self.INCLUDE_NEW_REFRESH_TOKEN = server.world.switches.rotate_refresh_tokens

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken:
        """Return a refresh token that is still good."""
        issued = tokens.find(self.server.world, refresh_token, tokens.REFRESH)
        if issued is None:
            was_one = refresh_token.startswith(tokens.new_refresh_token()[:3])
            said = "Token has been expired or revoked." if was_one else "Bad Request"
            raise Refusal("invalid_grant", said)
        return RefreshToken(issued)

    def authenticate_user(self, refresh_token: RefreshToken) -> Account | None:
        """Return whose it is."""
        return self.server.world.account(refresh_token.issued.email)

    def issue_token(self, user: Account, refresh_token: TokenMixin) -> dict[str, Any]:
        """Return the answer for the scopes that are asked for, by default all that were granted."""
        assert self.request.payload is not None
        asked = full_names((self.request.payload.scope or "").split())
        granted = full_names(refresh_token.get_scope().split())
        return self.generate_token(
            user=user,
            scope=_joined(asked or granted),
            include_refresh_token=self.INCLUDE_NEW_REFRESH_TOKEN,
        )

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """Forget the refresh token that has been replaced."""
        assert isinstance(refresh_token, RefreshToken)
        if self.INCLUDE_NEW_REFRESH_TOKEN:
            tokens.delete(self.server.world, refresh_token.issued)


class IdToken(OpenIDToken):
    """The ID token that comes with every access token with the scope `openid`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get_compatible_claims(self, request: OAuth2Request) -> dict[str, Any]:
        """Return who says it to whom, and for how long."""
        now = int(self._world.now().timestamp())
        client_id = self._world.settings.client_id
        return {
            "iss": self._world.settings.base_url,
            "azp": client_id,
            "aud": client_id,
            "iat": now,
            "exp": now + ACCESS_SECONDS + 1,
        }

    def get_encode_header(self, client: ClientMixin) -> dict[str, Any]:
        """Return the header, with the id of the key."""
        return {"alg": "RS256", "kid": current_key(self._world).kid, "typ": "JWT"}

    def resolve_client_private_key(self, client: ClientMixin) -> Any:
        """Return the key that signs now."""
        return current_key(self._world)

    def generate_user_info(self, user: Account, scope: str) -> UserInfo:
        """Return what the scopes show of the account."""
        return UserInfo(claims_of(self._world, user, frozenset(scope.split())))


class Revocation(RevocationEndpoint):
    """Revocation as Google has it: whoever holds a token may revoke it, by GET or by POST."""

    server: Issuer

    def authenticate_endpoint_client(self, request: OAuth2Request) -> ClientMixin:
        """Return the client; Google asks for no proof."""
        return Client(self.server.world.settings)

    def authenticate_token(self, request: OAuth2Request, client: ClientMixin) -> Issued:
        """Return the access or refresh token that is to be revoked."""
        assert request.payload is not None
        secret = request.payload.data.get("token")
        if not secret:
            raise missing("token")
        found = tokens.find(self.server.world, secret, tokens.ACCESS, tokens.REFRESH)
        if found is None or tokens.is_expired(self.server.world, found):
            raise Refusal("invalid_token", "Token expired or revoked")
        return found

    def revoke_token(self, token: Issued, request: OAuth2Request) -> None:
        """Revoke it."""
        consents.revoke(self.server.world, token)


class NamedIssuer(IssuerParameter):
    """`iss` on every way back to the client (RFC 9207), which Google's discovery announces."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def get_issuer(self) -> str:
        """Return the issuer's name."""
        return self._base_url


class NoAnswer(OAuth2Error):
    """The person said no, or with prompt=none: nobody could be asked."""

    def __init__(self, redirect_uri: str, *, is_silent: bool) -> None:
        error = "interaction_required" if is_silent else "access_denied"
        super().__init__(error=error, redirect_uri=redirect_uri)
        self.subtype = "access_denied" if is_silent else ""


def back(
    redirect_uri: str, told: Mapping[str, str | None]
) -> tuple[int, str, list[tuple[str, str]]]:
    """Return status, body and headers that lead the browser back to the client."""
    query = [(name, value) for name, value in told.items() if value]
    location = add_params_to_uri(redirect_uri, query)
    return 303 if request.method == "POST" else 302, "", [("Location", location)]


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


def _joined(scopes: frozenset[str]) -> str:
    return " ".join(sorted(scopes))
