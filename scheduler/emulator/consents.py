"""What each account has agreed to, and taking that back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.emulator import tokens
from scheduler.emulator.scopes import full_names, joined
from scheduler.emulator.tokens import Issued
from scheduler.emulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Everything an account ever let the client do (scopes in full), also while it is away."""

    scopes: frozenset[str] = frozenset()
    is_offline: bool = False

    def covers(self, scopes: Iterable[str], *, is_offline: bool) -> bool:
        """Say whether nothing of this would be new to the person."""
        return full_names(scopes) <= self.scopes and (self.is_offline or not is_offline)


def consent_of(world: World, email: str) -> Consent:
    """Return what an account has agreed to so far; nothing, if it never did."""
    row = world.store.one("SELECT * FROM consent WHERE email = ?", email.lower())
    if row is None:
        return Consent()
    return Consent(scopes=frozenset(row["scopes"].split()), is_offline=bool(row["is_offline"]))


def agree(world: World, email: str, scopes: Iterable[str], *, is_offline: bool) -> None:
    """Add to what an account has agreed to."""
    with world.store.transaction():
        before = consent_of(world, email)
        world.store.run(
            "INSERT OR REPLACE INTO consent VALUES (?, ?, ?)",
            email.lower(),
            joined(before.scopes | full_names(scopes)),
            int(before.is_offline or is_offline),
        )


def withdraw(world: World, email: str) -> None:
    """Take the account's consent away, and all tokens with it, as its owner can at Google."""
    with world.store.transaction():
        world.store.run("DELETE FROM consent WHERE email = ?", email.lower())
        tokens.delete_all(world, email)


def revoke(world: World, token: Issued) -> None:
    """Revoke a token and, as Google does, all that the account's consent has brought about.

    "When you revoke a token for combined authorization, access to all of that authorization's
    scopes on behalf of the associated user are revoked simultaneously" (Using OAuth 2.0 for web
    server applications). Clients report that tokens of other sign-ins of the same account die,
    too; the switch `revocation` can confine it to the tokens of one sign-in.
    """
    with world.store.transaction():
        tokens.delete(world, token)
        if not token.grant_id:
            return
        if world.switches.revocation == "grant":
            tokens.delete_grant(world, token.grant_id)
            return
        world.store.run("DELETE FROM consent WHERE email = ?", token.email)
        tokens.delete_granted(world, token.email)
