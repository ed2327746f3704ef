"""What the issuer tells about a token to whoever holds it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scheduler.emulator import tokens
from scheduler.emulator.identity import subject_of
from scheduler.emulator.oauth_errors import Refusal
from scheduler.emulator.scopes import SHORT_NAMES, joined
from scheduler.emulator.signing import key_set
from scheduler.emulator.world import World

_EMAIL = next(full for full, short in SHORT_NAMES.items() if short == "email")


def is_about_a_person(scopes: Set[str]) -> bool:
    """Say whether a token opens userinfo."""
    return not {"openid", *SHORT_NAMES}.isdisjoint(scopes)


def about(world: World, given: Mapping[str, str]) -> dict[str, Any]:
    """Return what `access_token` or `id_token` stands for, all values as text. Raises Refusal."""
    if given.get("access_token"):
        return _about_access_token(world, given["access_token"])
    if given.get("id_token"):
        return _about_id_token(world, given["id_token"])
    raise Refusal("invalid_request", "either access_token, id_token, or token_handle required")


def _about_access_token(world: World, secret: str) -> dict[str, Any]:
    found = tokens.find(world, secret, tokens.ACCESS)
    if found is None or found.expires_at is None or tokens.is_expired(world, found):
        raise Refusal("invalid_token", "Invalid Value")
    told = {
        "azp": world.settings.client_id,
        "aud": world.settings.client_id,
        "scope": joined(found.scopes),
        "exp": str(int(found.expires_at)),
        "expires_in": str(int(found.expires_at - world.now().timestamp())),
        "access_type": "offline" if found.body.get("offline") else "online",
    }
    if is_about_a_person(found.scopes):
        told["sub"] = subject_of(world, found.email)
    if _EMAIL in found.scopes:
        told |= {"email": found.email, "email_verified": "true"}
    return told


def _about_id_token(world: World, encoded: str) -> dict[str, Any]:
    try:
        keys = KeySet.import_key_set(key_set(world))  # type: ignore[arg-type]
        decoded = jwt.decode(encoded, keys, algorithms=["RS256"])
    except (JoseError, ValueError) as error:
        raise Refusal("invalid_token", "Invalid Value") from error
    if decoded.claims["exp"] <= world.now().timestamp():
        raise Refusal("invalid_token", "Invalid Value")
    told = {**decoded.claims, **decoded.header}
    return {name: _text(value) for name, value in told.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
