"""The keys that sign ID tokens, and the keys that Google keeps for service accounts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from joserfc.jwk import RSAKey

from scheduler.emulator.world import World

_BITS = 2048
_LISTED_AFTER_ROTATION = timedelta(days=1)
"""An ID token lives an hour, and clients cache the key set for some hours (`certs`)."""


def current_key(world: World) -> RSAKey:
    """Return the key that signs now."""
    return RSAKey.import_key(_kept(world)[0]["key"])


def key_set(world: World) -> dict[str, Any]:
    """Return the public halves of all keys that still verify, newest first (RFC 7517)."""
    keys = [RSAKey.import_key(kept["key"]) for kept in _kept(world)]
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "RS256"} for key in keys]}


def rotate_key(world: World) -> None:
    """Sign with a new key from now on; the old ones stay in the key set for a day."""
    with world.store.transaction():
        now = world.now().timestamp()
        old = [{**kept, "until": kept["until"] or _later(now)} for kept in _kept(world)]
        still = [kept for kept in old if kept["until"] > now]
        _keep(world, [{"key": _new_key(), "until": None}, *still])


def managed_key(world: World, service_account: str) -> RSAKey:
    """Return the private key of a service account that never leaves Google, made on first use."""
    with world.store.transaction():
        known = known_managed_key(world, service_account)
        if known is not None:
            return known
        made = _new_key()
        world.store.remember(_managed(service_account), json.dumps(made))
        return RSAKey.import_key(made)


def known_managed_key(world: World, service_account: str) -> RSAKey | None:
    """Return that key if it has ever been used."""
    remembered = world.store.setting(_managed(service_account))
    return RSAKey.import_key(json.loads(remembered)) if remembered else None


def _kept(world: World) -> list[dict[str, Any]]:
    """Return {"key": private JWK, "until": epoch seconds, or None for the current key} for each."""
    with world.store.transaction():
        remembered = world.store.setting("issuer keys")
        if remembered:
            now = world.now().timestamp()
            kept: list[dict[str, Any]] = json.loads(remembered)
            return [each for each in kept if each["until"] is None or each["until"] > now]
        first = [{"key": _new_key(), "until": None}]
        _keep(world, first)
        return first


def _keep(world: World, keys: list[dict[str, Any]]) -> None:
    world.store.remember("issuer keys", json.dumps(keys))


def _managed(service_account: str) -> str:
    return f"managed key of {service_account}"


def _later(now: float) -> float:
    return now + _LISTED_AFTER_ROTATION.total_seconds()


def _new_key() -> dict[str, Any]:
    return dict(RSAKey.generate_key(_BITS, auto_kid=True).as_dict(private=True))
