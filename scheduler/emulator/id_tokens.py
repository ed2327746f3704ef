"""ID tokens: who signed in, signed with the issuer's key."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDToken

from scheduler.emulator.company import Account
from scheduler.emulator.identity import claims_of
from scheduler.emulator.signing import current_key
from scheduler.emulator.tokens import ACCESS_SECONDS
from scheduler.emulator.world import World


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
