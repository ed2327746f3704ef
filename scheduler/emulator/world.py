"""What every rule of the emulator is handed: store, clock, switches, secrets."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.emulator.company import Account
from scheduler.emulator.faults import FaultList
from scheduler.emulator.quotas import Quotas
from scheduler.emulator.settings import EmulatorSettings, Switches
from scheduler.emulator.store import Store, dumps

CALLS_KEPT = 500


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One line of the activity log.

    `name` is the method's in Google's reference ("events.insert"), `fate` says in words what a
    planted fault made of the call.
    """

    method: str
    path: str
    principal: str
    status: int
    at: datetime | None = None
    name: str = ""
    fate: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who calls: the account a token stands for, and what it may do.

    `is_bare_service_account` is a service account that impersonates nobody.
    """

    email: str
    scopes: frozenset[str]
    is_bare_service_account: bool = False


@dataclass(slots=True)
class World:
    """Everything one emulator is made of."""

    settings: EmulatorSettings
    store: Store
    clock: Callable[[], datetime] = utc_now
    switches: Switches = field(default_factory=Switches)
    faults: FaultList = field(init=False)
    quotas: Quotas = field(default_factory=Quotas)
    log: deque[ApiCall] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.faults = FaultList(self.store)
        remembered = self.store.setting("switches")
        if remembered:
            self.switches = Switches.of(json.loads(remembered))

    def now(self) -> datetime:
        """Return the emulator's time, in UTC."""
        return self.clock().astimezone(UTC) + timedelta(seconds=self.switches.clock_offset)

    def set_switches(self, **values: Any) -> Switches:
        """Change some switches and keep them for the next start."""
        with self.lock:
            self.switches = Switches.of({**asdict(self.switches), **values})
            self.store.remember("switches", dumps(self.switches.as_dict()))
            return self.switches

    def busy_errors(self) -> dict[str, str]:
        """Return the calendars whose free/busy is answered with an error: address to reason."""
        planted: dict[str, str] = json.loads(self.store.setting("busy errors", "{}"))
        return planted

    def plant_busy_error(self, email: str, reason: str | None) -> None:
        """Answer one calendar's free/busy with an error, also after a restart; None takes it back."""
        with self.store.transaction():
            planted = {**self.busy_errors(), email.lower(): reason}
            left = {name: why for name, why in planted.items() if why}
            self.store.remember("busy errors", dumps(left))

    def forget_busy_errors(self) -> None:
        """Answer all calendars again."""
        self.store.remember("busy errors", "{}")

    def account(self, email: str) -> Account | None:
        """Return the account behind an address, if it has one."""
        row = self.store.one("SELECT body FROM account WHERE email = ?", email.lower())
        return Account(**json.loads(row["body"])) if row else None

    def accounts(self) -> list[Account]:
        """Return all accounts in the order in which they were added."""
        rows = self.store.all("SELECT body FROM account ORDER BY place")
        return [Account(**json.loads(row["body"])) for row in rows]

    def ring(self, kind: str, key: str) -> None:
        """Note a change that channels watch: kind "events", "acl", "calendarList" or "settings".

        It stands with the change itself until `push.Pusher` has told the channels.
        """
        topic = f"{kind} {key}"
        if self.store.one("SELECT 1 FROM channel WHERE topic = ?", topic):
            self.store.run("INSERT OR IGNORE INTO rung VALUES (?)", topic)
