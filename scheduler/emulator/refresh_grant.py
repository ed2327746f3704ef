"""Refresh tokens: access while the person is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from scheduler.emulator import tokens
from scheduler.emulator.code_grant import CodeGrant
from scheduler.emulator.company import Account
from scheduler.emulator.oauth_errors import Refusal
from scheduler.emulator.scopes import full_names, joined, with_short_names
from scheduler.emulator.tokens import Issued

if TYPE_CHECKING:
    from scheduler.emulator.oauth import Issuer


class RefreshToken(TokenMixin):
    """A refresh token of ours."""

    def __init__(self, issued: Issued) -> None:
        self.issued = issued

    def check_client(self, client: ClientMixin) -> bool:
        """Say yes: there is one client."""
        return True

    def get_scope(self) -> str:
        """Return what was granted, under every name that a client may use for it."""
        return joined(with_short_names(self.issued.scopes))


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
            scope=joined(asked or granted),
            include_refresh_token=self.INCLUDE_NEW_REFRESH_TOKEN,
        )

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """Forget the refresh token that has been replaced."""
        assert isinstance(refresh_token, RefreshToken)
        if self.INCLUDE_NEW_REFRESH_TOKEN:
            tokens.delete(self.server.world, refresh_token.issued)
