"""What somebody who starts an emulator decides."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from scheduler.emulator.company import COMPANY, Company

LOOPBACK_REDIRECT = "http://127.0.0.1:9797/cb"
"""Always a redirect URI of the client, for scripts that sign in without the web application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """One OAuth client, one address, one store; `company` is seeded into an empty store only."""

    base_url: str
    store_path: Path | None
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    hooks: bool = False
    company: Company | None = COMPANY

    @property
    def allowed_redirects(self) -> frozenset[str]:
        """Return every redirect URI the client may name."""
        return frozenset((*self.redirect_uris, LOOPBACK_REDIRECT))


@dataclass(slots=True, kw_only=True)
class Switches:
    """How this Google behaves at the moment; kept in the store, changed by the hooks."""

    conference_latency: float | None = 1.0
    """Seconds until a requested conference is ready; None: never."""
    conference_reads: int | None = None
    """Reads by events.get that still find it pending, instead of seconds; None: seconds count."""
    conference_outcome: Literal["success", "failure"] = "success"
    signature_check: Literal["drop", "reject", "lenient"] = "drop"
    working_hours_role: Literal["freeBusyReader", "reader", "owner"] = "reader"
    """The role it takes to read somebody's working hours; unknown (GOOGLE.md 15)."""
    minted_space_patch: Literal["refuse", "allow"] = "refuse"
    """spaces.patch on a room that Calendar made: one report of success, two of 403; disputed."""
    known_import: Literal["refuse", "update"] = "refuse"
    """events.import of an iCalUID that the calendar has: reports differ."""
    send_updates_unsaid: Literal["none", "externalOnly", "all"] = "none"
    """What a write without `sendUpdates` does: "some emails might still be sent", says Google."""
    push_drop: float = 0.0
    """Share of notifications that are lost, 0 to 1."""
    push_duplicate: float = 0.0
    push_delay: float = 0.0
    """Seconds before a notification is delivered."""
    per_user_per_minute: int | None = None
    per_project_per_minute: int | None = None
    quota_status: Literal[403, 429] = 403
    """Both shapes are documented: 403 usageLimits and 429 usageLimits (QUOTA)."""
    quota_retry_after: bool = False
    """Whether a refusal says in Retry-After how long to wait. Not known of Google, so not."""
    calendar_writes_per_minute: int | None = None
    """Writes to one calendar; "in quick succession" is all that is known (QUOTA)."""
    batch_parts: int = 50
    """Most calls in one batch; what Google says to more is unknown, here 400."""
    batch_order: Literal["reversed", "kept"] = "reversed"
    """The order in which a batch is done and answered; none is guaranteed."""
    freebusy_days_at_most: int | None = 92
    """Longest range of a free/busy query; "reported at 2 to 3 months" [F]. None: any."""
    latency_milliseconds: float = 0.0
    clock_offset: float = 0.0
    """Seconds that are added to the clock."""
    rotate_refresh_tokens: bool = False
    """Google does so for some kinds of clients only."""
    revocation: Literal["account", "grant"] = "account"
    """Whether revoking a token ends the account's whole consent, as clients report of Google, or
    the tokens of that one sign-in."""

    def as_dict(self) -> dict[str, Any]:
        """Return the switches as JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Switches:
        """Return switches from remembered values, ignoring names of older versions."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})
