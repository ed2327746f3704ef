"""Seals what must not be readable in a database dump: Google tokens, candidates' links, unsent mail.

AES-256-GCM under a ring of keys. What is sealed is bound to its place (table, row, column) as
associated data, so that a ciphertext copied into another row does not open there (SECURITY.md 46;
Fernet has no associated data). Form: `key id . base64url(nonce + ciphertext)`.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scheduler.config import DataKey

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: 96 bits


class CannotOpen(Exception):
    """The text was sealed under a key that is not in DATA_KEYS, for another place, or was altered."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text belongs. `row` is the row's own id as text."""

    table: str
    row: str
    column: str

    def associated_data(self, key_id: str) -> bytes:
        return f"{self.table}\x1f{self.row}\x1f{self.column}\x1f{key_id}".encode()


class KeyRing:
    """The keys of DATA_KEYS: the first seals, every one of them opens."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        if not keys:
            raise ValueError("a key ring needs a key")
        self._current = keys[0]
        self._ciphers = {key.key_id: AESGCM(key.secret) for key in keys}

    def seal(self, text: str, place: Place) -> str:
        """Return `text` sealed for `place` under the current key."""
        key_id = self._current.key_id
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[key_id].encrypt(nonce, text.encode(), place.associated_data(key_id))
        return f"{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, place: Place) -> str:
        """Return the text that was sealed for `place`, or raise CannotOpen."""
        key_id, _, encoded = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotOpen(f"no key {key_id!r} in DATA_KEYS")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            opened = cipher.decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.associated_data(key_id)
            )
        except (ValueError, InvalidTag) as refusal:
            raise CannotOpen(
                f"not sealed for {place.table}.{place.column}, or altered"
            ) from refusal
        return opened.decode()

    def is_current(self, sealed: str) -> bool:
        """Say whether `sealed` is under the key that seals now; if not, seal it again (rotation)."""
        return sealed.partition(".")[0] == self._current.key_id
