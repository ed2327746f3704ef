"""The revocation endpoint (RFC 7009, less its proof of the client)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint

from scheduler.emulator import consents, tokens
from scheduler.emulator.oauth_errors import Refusal, missing
from scheduler.emulator.tokens import Issued

if TYPE_CHECKING:
    from scheduler.emulator.oauth import Issuer


class Revocation(RevocationEndpoint):
    """Revocation as Google has it: whoever holds a token may revoke it, by GET or by POST."""

    server: Issuer

    def authenticate_endpoint_client(self, request: OAuth2Request) -> ClientMixin:
        """Return the client; Google asks for no proof."""
        return self.server.client

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
