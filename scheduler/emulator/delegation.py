"""Service accounts: their signed assertions, and acting for a whole domain (RFC 7523)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc import jwt
from joserfc.jwk import RSAKey

from scheduler.emulator.company import Account
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.oauth_errors import Refusal
from scheduler.emulator.scopes import full_names, joined, unknown
from scheduler.emulator.signing import known_managed_key, managed_key
from scheduler.emulator.world import World

if TYPE_CHECKING:
    from scheduler.emulator.oauth import Issuer

_GOOGLES_AUDIENCE = "https://oauth2.googleapis.com/token"
"""Some clients address every assertion to Google's own endpoint, wherever they send it."""

_MOST_SECONDS = 3600
_SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount(ClientMixin):
    """A service account; `scopes` are what domain-wide delegation allows it, in full.

    `public_key` is PEM, or "" for one without a key of its own (keyless delegation).
    """

    email: str
    public_key: str
    scopes: frozenset[str]

    def get_client_id(self) -> str:
        """Return its address, by which it is known."""
        return self.email

    def get_allowed_scope(self, scope: Any) -> str:
        """Return the scope as it is; the grant has checked it."""
        return str(scope)

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow assertions."""
        return grant_type == JWTBearerGrant.GRANT_TYPE


def register(
    world: World,
    account: ServiceAccount,
    token_creators: Iterable[str] = (),
) -> None:
    """Add a service account, or replace it.

    `token_creators` are the principals with roles/iam.serviceAccountTokenCreator on it.
    """
    with world.store.transaction():
        world.store.run(
            "INSERT OR REPLACE INTO service_account VALUES (?, ?, ?)",
            account.email,
            account.public_key,
            joined(account.scopes),
        )
        world.store.run("DELETE FROM token_creator WHERE service_account = ?", account.email)
        for member in token_creators:
            world.store.run(
                "INSERT OR REPLACE INTO token_creator VALUES (?, ?)", account.email, member.lower()
            )


def service_account(world: World, email: str) -> ServiceAccount | None:
    """Return a service account by its address."""
    row = world.store.one("SELECT * FROM service_account WHERE email = ?", email)
    if row is None:
        return None
    return ServiceAccount(
        email=row["email"],
        public_key=row["public_key"],
        scopes=full_names(str(row["scopes"]).split()),
    )


def asked_to_sign(given: Resource) -> tuple[dict[str, Any], list[str]]:
    """Return the claims and the delegates of a signJwt request, or refuse it: 400."""
    try:
        claims = json.loads(given.get("payload") or "")
    except (TypeError, ValueError):
        claims = None
    delegates = given.get("delegates") or []
    if not isinstance(claims, dict) or not isinstance(delegates, list):
        raise Refused(
            400, "invalid", "Request contains an invalid argument.", status="INVALID_ARGUMENT"
        )
    return claims, [str(delegate) for delegate in delegates]


def may_sign(world: World, member: str, delegates: Iterable[str], email: str) -> bool:
    """Say whether a principal may have Google sign as a service account.

    With `delegates` ("projects/-/serviceAccounts/ADDRESS") each has to have the role on the next.
    """
    chain = [member, *(delegate.rpartition("/")[2] for delegate in delegates), email]
    return all(_is_token_creator(world, before, after) for before, after in pairwise(chain))


def sign_jwt(world: World, email: str, claims: dict[str, Any]) -> tuple[str, str]:
    """Return (key id, signed JWT), signed with the key that Google keeps for the account."""
    key = managed_key(world, email)
    header = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    return str(key.kid), jwt.encode(header, claims, key)


class ServiceAccountGrant(JWTBearerGrant):
    """A signed assertion for an access token; `sub` impersonates a user of the domain."""

    server: Issuer
    _key_id: object = None
    _scopes: frozenset[str] = frozenset()

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[Any, Any]]:
        """Return header and claims, unverified."""
        header, claims = super().extract_assertion(assertion)
        self._key_id = header.get("kid")
        return header, claims

    def resolve_issuer_client(self, issuer: str) -> ServiceAccount:
        """Return the service account that says it signed."""
        found = service_account(self.server.world, issuer)
        if found is None:
            raise Refusal("invalid_grant", "Invalid grant: account not found")
        return found

    def resolve_client_public_key(self, client: ServiceAccount) -> RSAKey:
        """Return its own key, or the one that Google keeps if the assertion names that."""
        managed = known_managed_key(self.server.world, client.email)
        if managed is not None and self._key_id == managed.kid:
            return managed
        if not client.public_key:
            raise Refusal("invalid_grant", "Invalid JWT Signature.")
        return RSAKey.import_key(client.public_key)

    def process_assertion_claims(self, assertion: str) -> dict[str, Any]:
        """Return the claims of an assertion that holds; acting as oneself is impersonating nobody."""
        try:
            claims = super().process_assertion_claims(assertion)
        except Refusal:
            raise
        except (OAuth2Error, ValueError) as error:
            raise Refusal("invalid_grant", "Invalid JWT Signature.") from error
        if claims.get("sub") == claims["iss"]:
            claims = {**claims, "sub": None}
        return claims

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Check whom it is for, when it was made, and that it asks for scopes."""
        if claims.get("aud") not in self.get_audiences():
            right = self.get_audiences()[0]
            said = f"Invalid JWT: Failed audience check. The right audience is {right}"
            raise Refusal("invalid_grant", said)
        if not _is_short_lived(claims, self.server.world.now().timestamp()):
            raise Refusal(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
                " timeframe. Check your iat and exp values in the JWT claim.",
            )
        self._scopes = full_names(str(claims.get("scope") or "").split())
        if not self._scopes or unknown(self._scopes):
            raise Refusal("invalid_scope", "Invalid OAuth scope or ID token audience provided.")

    def get_audiences(self) -> list[str]:
        """Return the names of this token endpoint."""
        return [f"{self.server.world.settings.base_url}/token", _GOOGLES_AUDIENCE]

    def authenticate_user(self, subject: object) -> Account:
        """Return the user to act for: delegation ends at the borders of the Workspace domain."""
        account = self.server.world.account(str(subject))
        if account is None or not account.hd:
            raise Refusal("invalid_grant", "Invalid email or User ID")
        return account

    def has_granted_permission(self, client: ServiceAccount, user: Account) -> bool:
        """Say yes when an administrator has delegated every scope that is asked for."""
        if self._scopes <= client.scopes:
            return True
        raise Refusal(
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method,"
            " or client not authorized for any of the scopes requested.",
            401,
        )

    def create_token_response(self) -> Any:
        """Return the answer: an access token, never a refresh token."""
        token = self.generate_token(
            scope=joined(self._scopes),
            user=self.request.user,
            include_refresh_token=False,
        )
        self.server.save_token(token, self.request)
        return 200, token, self.TOKEN_RESPONSE_HEADER


def _is_token_creator(world: World, member: str, email: str) -> bool:
    row = world.store.one(
        "SELECT 1 FROM token_creator WHERE service_account = ? AND member = ?", email, member
    )
    return row is not None


def _is_short_lived(claims: dict[str, Any], now: float) -> bool:
    made, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(made, int | float) or not isinstance(ends, int | float):
        return False
    return made - _SKEW_SECONDS <= now < ends <= made + _MOST_SECONDS
