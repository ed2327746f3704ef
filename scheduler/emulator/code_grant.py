"""Codes: given for a person's yes, exchanged once for tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oidc.core import AuthorizationCodeMixin
from flask import request

from scheduler.emulator import authorization, consents, tokens
from scheduler.emulator.authorization import Asked
from scheduler.emulator.company import Account
from scheduler.emulator.oauth_errors import Refusal, missing
from scheduler.emulator.scopes import joined
from scheduler.emulator.tokens import CODE_SECONDS, Issued

if TYPE_CHECKING:
    from scheduler.emulator.oauth import Issuer


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
        return joined(self.issued.scopes)

    def get_nonce(self) -> str:
        """Return the nonce of the request, or ""."""
        return str(self.issued.body["nonce"])

    def get_auth_time(self) -> None:
        """Return nothing: Google tells the time of the sign-in only where `claims` asks for it."""


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
            said = f"{request.payload.redirect_uri} is not registered with this client."
            raise Refusal("redirect_uri_mismatch", said)
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
                "scope": joined(scopes),
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
