"""Opaque tokens that carry their own content: pages, syncs, and the epoch that ends them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from scheduler.emulator.errors import Resource
from scheduler.emulator.store import dumps
from scheduler.emulator.world import World


def epoch_of(world: World) -> str:
    """Return what makes sync tokens of an earlier epoch invalid."""
    return world.store.setting("sync epoch", "0")


def expire_tokens(world: World) -> None:
    """Make every sync token given out so far invalid."""
    world.store.remember("sync epoch", str(int(epoch_of(world)) + 1))


def seal(key: bytes, content: Resource) -> str:
    """Return opaque text that carries `content` and proves it is ours."""
    data = dumps(content).encode()
    proof = hmac.new(key, data, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(proof + data).decode().rstrip("=")


def unseal(key: bytes, token: str) -> Resource | None:
    """Return what a token carries; None for one that is broken."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        proof, data = raw[:12], raw[12:]
        if not hmac.compare_digest(proof, hmac.new(key, data, hashlib.sha256).digest()[:12]):
            return None
        content: Resource = json.loads(data)
    except ValueError:
        return None
    return content
