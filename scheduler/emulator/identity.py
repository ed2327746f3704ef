"""Who an account is to a client: the stable `sub` and the claims that its scopes show."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Set
from typing import Any

from authlib.oidc.core import UserInfo

from scheduler.emulator.company import Account
from scheduler.emulator.scopes import SHORT_NAMES
from scheduler.emulator.world import World


def subject_of(world: World, email: str) -> str:
    """Return the stable `sub` of an account: 21 digits, never the address."""
    digest = hmac.new(world.store.secret("subject key"), email.encode(), hashlib.sha256).digest()
    return str(10**20 + int.from_bytes(digest[:8], "big") % (9 * 10**19))


def claims_of(world: World, account: Account, scopes: Set[str]) -> dict[str, Any]:
    """Return the identity claims that `scopes` (full names) show; `hd` for Workspace accounts only."""
    given, _, family = account.name.partition(" ")
    everything = UserInfo(
        sub=subject_of(world, account.email),
        email=account.email,
        email_verified=True,
        name=account.name,
        given_name=given,
        family_name=family,
        picture=f"{world.settings.base_url}/static/person.svg",
    )
    names = {"openid", *(SHORT_NAMES.get(scope, scope) for scope in scopes)}
    claims = dict(everything.filter(" ".join(names)))
    return claims | ({"hd": account.hd} if account.hd else {})
