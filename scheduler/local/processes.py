"""The processes of a local run: each in a group of its own, none outliving the run, all restarted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from scheduler.local.parentage import dying_with_us

FIRST_PAUSE = timedelta(seconds=0.25)
LONGEST_PAUSE = timedelta(seconds=10)
HEALTHY_AFTER = timedelta(seconds=20)
"""A process that lived this long is started again as if it had never failed."""
LAST_WORDS_LINES = 12


@dataclass(slots=True, kw_only=True)
class Child:
    """One process, with what it takes to start it again."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    signal_when_orphaned: signal.Signals = signal.SIGKILL
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)
    _restart_at: float | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, with its output going to its log."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603  # our own programs
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                start_new_session=True,  # Ctrl-C in the terminal is for us
                preexec_fn=dying_with_us(self.signal_when_orphaned),
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    @property
    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    @property
    def has_failed(self) -> bool:
        """It ended by itself, and badly."""
        return self._process is not None and (self._process.poll() or 0) > 0

    @property
    def has_succeeded(self) -> bool:
        return self._process is not None and self._process.poll() == 0

    def restart_if_ended(self) -> str | None:
        """Start it again when it has ended and its pause is over; return what to tell a person."""
        if self._process is None or not self.has_ended:
            return None
        if self._restart_at is None:
            self._signal(signal.SIGKILL)  # what it started may have outlived it, port in hand
            lived = time.monotonic() - self._started_at
            self._failures = 0 if lived >= HEALTHY_AFTER.total_seconds() else self._failures + 1
            pause = min(FIRST_PAUSE * 2**self._failures, LONGEST_PAUSE)
            self._restart_at = time.monotonic() + pause.total_seconds()
            news = f"The {self.name} {self.ending}; starting it again. Its log is {self.log}."
            return f"{news} It ends with:\n{self.last_words}" if self.has_failed else news
        if time.monotonic() >= self._restart_at:
            self.start()
        return None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        status = self._process.poll() if self._process is not None else None
        if status is None:
            return "is running"
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"ended with status {status}"

    @property
    def last_words(self) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LAST_WORDS_LINES:])

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def wait(self, deadline: float) -> None:
        """Wait until it has ended, or until `deadline` (monotonic)."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, deadline - time.monotonic()))

    def kill(self) -> None:
        """End it and everything it started."""
        self._signal(signal.SIGKILL)
        self.wait(time.monotonic() + 1)

    def _signal(self, kind: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, kind)
