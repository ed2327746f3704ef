"""Groups of people, as access rules and invitations name them."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.emulator.world import World


def set_members(world: World, group_email: str, members: Iterable[str]) -> None:
    """Say who is in a group from now on; access rules of scope "group" name it by its address."""
    group_email = group_email.lower()
    with world.store.transaction():
        world.store.run("DELETE FROM membership WHERE group_email = ?", group_email)
        for email in members:
            world.store.run(
                "INSERT OR IGNORE INTO membership VALUES (?, ?)", group_email, email.lower()
            )


def members_of(world: World, group_email: str) -> list[str]:
    """Return the addresses in a group; none for what is no group."""
    rows = world.store.all(
        "SELECT email FROM membership WHERE group_email = ? ORDER BY email", group_email.lower()
    )
    return [row["email"] for row in rows]
