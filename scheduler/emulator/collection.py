"""Pages and sync tokens of the small collections: calendar list, access rules, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scheduler.emulator import errors
from scheduler.emulator.calendar import etag_of
from scheduler.emulator.errors import Resource
from scheduler.emulator.sealing import epoch_of, seal, unseal
from scheduler.emulator.world import Principal, World

PAGE_SIZE, PAGE_SIZE_MAX = 100, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page is asked for: the first, the one after `page_token`, or what is new since a sync."""

    max_results: int = PAGE_SIZE
    page_token: str | None = None
    sync_token: str | None = None

    @property
    def is_sync(self) -> bool:
        """Say whether only changes are asked for."""
        return self.sync_token is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item with the number of its last change; `order` says where it stands in a full list."""

    change: int
    order: tuple[int | str, ...]
    item: Resource


def page_of(
    world: World,
    who: Principal,
    name: str,
    entries: Iterable[Entry],
    paging: Paging,
    is_wanted: Callable[[Resource], bool],
) -> Resource:
    """Return {"etag", "items"} and the token that leads on: nextPageToken, or at last nextSyncToken.

    `name` is the collection's own; its tokens are good for this caller and nothing else. What changes
    while somebody pages is told again by the sync token. 400 for a broken page token, 410
    fullSyncRequired for a broken or old sync token.
    """
    every = list(entries)
    seal_of = _Seal(world, name, who)
    since = seal_of.since(paging.sync_token)
    page = seal_of.page(paging.page_token)
    newest = max((entry.change for entry in every), default=0)
    upto, after = (page["upto"], tuple(page["after"])) if page else (newest, None)
    rows = [
        (_place(entry, paging), entry.item)
        for entry in every
        if entry.change > since and is_wanted(entry.item)
    ]
    rows = sorted((row for row in rows if after is None or row[0] > after), key=lambda row: row[0])
    size = min(max(paging.max_results, 1), PAGE_SIZE_MAX)
    items = [item for _, item in rows[:size]]
    answer: Resource = {"etag": etag_of([upto, items]), "items": items}
    if len(rows) > size:
        return {**answer, "nextPageToken": seal_of.closed(upto=upto, after=rows[size - 1][0])}
    return {**answer, "nextSyncToken": seal_of.closed(since=max(upto, since))}


def _place(entry: Entry, paging: Paging) -> tuple[int | str, ...]:
    return (entry.change, *entry.order) if paging.is_sync else entry.order


class _Seal:
    """Signed tokens of one collection, for one caller."""

    def __init__(self, world: World, name: str, who: Principal) -> None:
        self._key = world.store.secret("token key")
        self._scope = [name, who.email, epoch_of(world)]

    def closed(self, **content: object) -> str:
        return seal(self._key, {**content, "scope": self._scope})

    def since(self, token: str | None) -> int:
        """Return the change number after which everything is new; -1 for a full list."""
        if token is None:
            return -1
        content = unseal(self._key, token)
        if content is None or content.get("scope") != self._scope or "since" not in content:
            raise errors.full_sync_required()
        return int(content["since"])

    def page(self, token: str | None) -> Resource | None:
        if token is None:
            return None
        content = unseal(self._key, token)
        if content is None or content.get("scope") != self._scope or "after" not in content:
            raise errors.invalid("Invalid page token.", "pageToken")
        return content
