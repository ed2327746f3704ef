"""What people and Google do to our events behind our back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from scheduler.domain.calls import EventId
from scheduler.domain.diff import SendUpdates
from tests.world import Greenroom


def delete_by_hand(greenroom: Greenroom, calendar_id: str, event_id: str) -> None:
    """Delete an event as somebody does who tidies the organizer calendar."""
    greenroom.access.calendar.delete_event(
        calendar_id, EventId(event_id), send_updates=SendUpdates.NONE
    )


def delete_calendar(greenroom: Greenroom, calendar_id: str) -> None:
    """Delete a whole organizer calendar."""
    token = greenroom.google.issue_access_token(
        "scheduling@northwind.example", ["https://www.googleapis.com/auth/calendar"]
    )
    answer = greenroom.emulator_app.test_client().delete(
        f"/calendar/v3/calendars/{calendar_id}", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 204, answer.text


class Meddling:
    """A way to Google on which `meddle` sees every request, and may change what is in it."""

    def __init__(self, greenroom: Greenroom, meddle: Callable[[str, str, Any], object]) -> None:
        self._http, self._meddle = greenroom.http, meddle

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None) -> Any:
        given = json.loads(body) if body and str(body).startswith("{") else None
        self._meddle(method, uri, given)
        if given is not None:
            body = json.dumps(given)
        return self._http.request(uri, method, body, headers)

    def close(self) -> None:
        """Nothing is open."""
