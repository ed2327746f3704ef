"""One emulator with the cast, spoken to in plain HTTP: what a property test drives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import Clock, settings
from tests.emulator.schemas import checked


class Wire:
    """A Google whose clock moves a tick with each request, so that `updated` tells writes apart."""

    tick = timedelta(seconds=1)

    def __init__(self, path: Path | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._path = path
        self._tokens: dict[str, str] = {}
        self._start()

    def ask(
        self, who: str, method: str, path: str, body: Any = None, /, **parameters: Any
    ) -> tuple[int, Any]:
        """Call the Calendar API below "calendars/"; return status and JSON. `if_match` is a header."""
        self.clock.advance(self.tick)
        head = {"Authorization": f"Bearer {self._token(who)}"}
        if "if_match" in parameters:
            head["If-Match"] = parameters.pop("if_match")
        answer = self._http.open(
            f"/calendar/v3/calendars/{path}",
            method=method,
            json=body,
            headers=head,
            query_string=parameters,
        )
        return answer.status_code, answer.json if answer.data else None

    def done(self, who: str, method: str, path: str, body: Any = None, /, **parameters: Any) -> Any:
        """Call the same, and demand that it works."""
        status, answer = self.ask(who, method, path, body, **parameters)
        assert status // 100 == 2, answer
        return answer

    def listed(self, who: str, calendar: str = "primary", **parameters: Any) -> list[Any]:
        """Return all events of a calendar, cancelled ones too unless `showDeleted` says otherwise."""
        given = {"showDeleted": "true", "maxResults": 2500, **parameters}
        events: list[Any] = self.done(who, "GET", f"{calendar}/events", **given)["items"]
        return sorted(events, key=lambda event: str(event["id"]))

    def bytes_of(self, who: str, path: str, **parameters: Any) -> bytes:
        """Return an answer as it goes over the wire."""
        answer = self._http.get(
            f"/calendar/v3/calendars/{path}",
            headers={"Authorization": f"Bearer {self._token(who)}"},
            query_string=parameters,
        )
        assert answer.status_code == 200
        body: bytes = answer.data
        return body

    def set_conference(self, **switches: Any) -> None:
        """Turn the emulator's switches of conferences."""
        self.google.set_conference(**switches)

    def restart(self) -> None:
        """Stop the emulator and start another one on what it has stored."""
        self.close()
        self._start()

    def close(self) -> None:
        self.google.close()

    def _start(self) -> None:
        app = checked(create_emulator(settings(self._path), self.clock))
        self.google: Emulator = app.extensions["emulator"]
        self._http = app.test_client()

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            self._tokens[who] = self.google.issue_access_token(who, ["calendar"])
        return self._tokens[who]
