"""The emulator as a WSGI application, and the handle tests hold it by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask

from scheduler.emulator import (
    accounts,
    answers,
    calendar,
    consents,
    delegation,
    dials,
    faults,
    groups,
    mailbox,
    minting,
    push,
    sealing,
    seed,
    tokens,
    user_settings,
    views,
)
from scheduler.emulator.batch import batch
from scheduler.emulator.calendars_api import calendars_api
from scheduler.emulator.company import COMPANY, Account, Company
from scheduler.emulator.delegation import ServiceAccount
from scheduler.emulator.errors import Resource
from scheduler.emulator.events_api import events_api
from scheduler.emulator.hooks import hooks
from scheduler.emulator.lines import breakable
from scheduler.emulator.mail_pages import mail_pages
from scheduler.emulator.meet_api import meet_api
from scheduler.emulator.meet_records_api import meet_records_api
from scheduler.emulator.pages import controls, pages
from scheduler.emulator.rooms import rooms
from scheduler.emulator.rows import select
from scheduler.emulator.settings import EmulatorSettings, Switches
from scheduler.emulator.signin import signin
from scheduler.emulator.store import Store
from scheduler.emulator.traffic import direct
from scheduler.emulator.transport import method_override, whole_ids
from scheduler.emulator.users_api import users_api
from scheduler.emulator.week_pages import week_pages
from scheduler.emulator.world import ApiCall, World, utc_now

__all__ = [
    "COMPANY",
    "Account",
    "ApiCall",
    "Company",
    "Emulator",
    "EmulatorSettings",
    "create_emulator",
]


def create_emulator(settings: EmulatorSettings, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the emulator; `app.extensions["emulator"]` is its `Emulator`."""
    app = Flask("scheduler.emulator", static_folder="static", template_folder="templates")
    world = World(settings=settings, store=Store(settings.store_path), clock=clock)
    emulator = Emulator(world)
    app.extensions["emulator"] = emulator
    if world.store.is_empty() and settings.company is not None:
        seed.settle_in(world, settings.company)
    for blueprint in (
        events_api, calendars_api, users_api, meet_api, meet_records_api, batch, signin, pages,
        week_pages, mail_pages, rooms,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    if settings.hooks:
        app.register_blueprint(hooks)
        app.register_blueprint(controls)
    direct(app)
    emulator.flush_pushes()
    app.wsgi_app = breakable(whole_ids(method_override(app.wsgi_app)))  # type: ignore[assignment, method-assign]
    return app


class Emulator:
    """One running Google: what the hooks do over HTTP, as methods."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._pusher = push.Pusher(world)

    def outbox(self) -> list[Resource]:
        """Return every mail, newest last: {"to", "from", "subject", "kind", "raw"}."""
        return [mail.as_hook() for mail in mailbox.outbox(self.world)]

    def calendar_as(self, address: str) -> list[Resource]:
        """Return what stands on somebody's own calendar (or an organizer calendar), soonest first.

        Full v3 resources with `self` set as for that calendar; cancelled events are left out.
        """
        found = calendar.find(self.world, address.lower())
        if found is None:
            return []
        with self.world.store.transaction():
            minting.settle_due(self.world)
            rows = select(
                self.world.store,
                "calendar_id = ? AND status <> 'cancelled' ORDER BY starts, id",
                found.id,
            )
        base_url = self.world.settings.base_url
        return [views.shown(row, found, "owner", base_url=base_url) for row in rows]

    def add_account(self, account: Account) -> None:
        """Let somebody move in, with an empty calendar."""
        accounts.add_account(self.world, account)

    def remove_account(self, email: str) -> None:
        """Delete an account and, with it, every calendar whose data owner it is."""
        accounts.remove_account(self.world, email)

    def set_group(self, group_email: str, members: Iterable[str]) -> None:
        """Say who is in a group that access rules may name."""
        groups.set_members(self.world, group_email, members)

    def set_user_setting(self, email: str, name: str, value: str) -> None:
        """Choose something as a person does in their calendar's settings; ids as in settings.list."""
        user_settings.put(self.world, email, name, value)

    def grant(self, calendar_id: str, scope_type: str, scope_value: str, role: str) -> None:
        """Share a calendar: scope_type "user", "domain" or "default"; role as in acl.insert."""
        calendar.grant(self.world, calendar_id, scope_type, scope_value, role)

    def issue_access_token(self, email: str, scopes: Iterable[str]) -> str:
        """Return an access token as if somebody had just signed in."""
        return tokens.issue_access_token(self.world, email, _long(scopes))

    def issue_refresh_token(self, email: str, scopes: Iterable[str]) -> str:
        """Return a refresh token as if somebody had agreed to offline access."""
        consents.agree(self.world, email, _long(scopes), is_offline=True)
        return tokens.issue_refresh_token(self.world, email, _long(scopes))

    def revoke_all(self, email: str) -> None:
        """Take away every token of an account and its consent, as its owner can at Google."""
        consents.withdraw(self.world, email)

    def add_service_account(
        self,
        email: str,
        public_key: str,
        scopes: Iterable[str],
        *,
        token_creators: Iterable[str] = (),
    ) -> None:
        """Register a service account (public key as PEM) delegated domain-wide for these scopes.

        `token_creators` may have Google sign for it (keyless delegation); "" is no key of its own.
        """
        account = ServiceAccount(
            email=email, public_key=public_key, scopes=frozenset(_long(scopes))
        )
        delegation.register(self.world, account, token_creators)

    def calls(self) -> list[ApiCall]:
        """Return the activity log, oldest first."""
        return list(self.world.log)

    def clear_calls(self) -> None:
        """Empty the activity log."""
        self.world.log.clear()

    def deliver_smtp(self, envelope_from: str, rcpt_list: list[str], raw_bytes: bytes) -> None:
        """Store a mail as if it had come in by SMTP."""
        mailbox.deliver_smtp(self.world, envelope_from, rcpt_list, raw_bytes)

    def rsvp(self, address: str, event_id: str, response: str, comment: str = "") -> bool:
        """Answer an invitation as its guest would; False when there is none."""
        return answers.rsvp(self.world, address.lower(), event_id, response, comment)

    def set_conference(self, **values: Any) -> Switches:
        """Change `latency` (seconds or None: never), `reads`, `outcome`, `signature_check`."""
        return self._turn(
            values, latency="conference_latency", reads="conference_reads",
            outcome="conference_outcome", signature_check="signature_check"
        )  # fmt: skip

    def set_push(self, **values: Any) -> Switches:
        """Change `drop` and `duplicate` (shares, 0 to 1) and `delay` (seconds)."""
        return self._turn(
            values, drop="push_drop", duplicate="push_duplicate", delay="push_delay"
        )  # fmt: skip

    def set_quota(self, **values: Any) -> Switches:
        """Change `per_user_per_minute`, `per_project_per_minute`, `calendar_writes_per_minute`
        (None: no limit), `status` (403 or 429) and `retry_after` (whether it is said).
        """
        return self._turn(
            values, per_user_per_minute="per_user_per_minute",
            per_project_per_minute="per_project_per_minute",
            calendar_writes_per_minute="calendar_writes_per_minute",
            status="quota_status", retry_after="quota_retry_after",
        )  # fmt: skip

    def set_latency(self, milliseconds: float) -> Switches:
        """Make every API call take this much longer."""
        return self._turn({"milliseconds": milliseconds}, milliseconds="latency_milliseconds")

    def set_clock_offset(self, seconds: float) -> Switches:
        """Move the emulator's clock away from the one it was given, by seconds."""
        return self._turn({"offset": seconds}, offset="clock_offset")

    def set_switches(self, **values: Any) -> Switches:
        """Change any switches by their own names."""
        return self._turn(values, **{name: name for name in values})

    def set_freebusy_error(self, address: str, reason: str | None) -> None:
        """Answer one calendar's free/busy with an error; None takes it back."""
        self.world.plant_busy_error(address, reason)

    def add_fault(self, **given: Any) -> None:
        """Plant a fault; the names are the fields of `faults.Fault`."""
        self.world.faults.add(faults.fault_from(given))

    def clear_faults(self) -> None:
        """Take all planted faults away."""
        self.world.faults.clear()
        self.world.forget_busy_errors()

    def expire_sync_tokens(self) -> None:
        """Make every sync token given out so far invalid."""
        sealing.expire_tokens(self.world)

    def flush_pushes(self) -> None:
        """Deliver the notifications of what has been written."""
        self._pusher.flush()

    def reset(self) -> None:
        """Forget everything and move the company in again."""
        with self.world.store.transaction():
            self.world.store.clear()
            self.world.switches = Switches()
            self.world.log.clear()
            self.clear_faults()
            if self.world.settings.company is not None:
                seed.settle_in(self.world, self.world.settings.company)

    def close(self) -> None:
        """Stop delivering and close the store."""
        self._pusher.stop()
        self.world.store.close()

    def _turn(self, values: dict[str, Any], **names: str) -> Switches:
        """Change switches that a hook calls `names`, refusing names and values it does not have."""
        checked = {
            names.get(shown, shown): dials.checked(names.get(shown, ""), value, shown)
            for shown, value in values.items()
        }
        return self.world.set_switches(**checked)


def _long(scopes: Iterable[str]) -> set[str]:
    """Return scopes in full; "calendar.events" means ".../auth/calendar.events"."""
    prefix = "https://www.googleapis.com/auth/"
    plain = ("openid", "email", "profile")
    return {s if s in plain or s.startswith("http") else prefix + s for s in scopes}
