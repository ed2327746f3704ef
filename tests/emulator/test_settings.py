"""settings and colors: what a person has chosen, and the palette everybody chooses from."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator.errors import Refused
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import DANA, FEMI, Service, reason

DOCUMENTED = [
    "autoAddHangouts", "dateFieldOrder", "defaultEventLength", "format24HourTime",
    "hideInvitations", "hideWeekends", "locale", "remindOnRespondedEventsOnly",
    "showDeclinedEvents", "timezone", "useKeyboardShortcuts", "weekStart",
]  # fmt: skip


@pytest.fixture
def settings_of(service: Service) -> Any:
    """Return a function: somebody's settings, through the official client."""
    return lambda who: service(who).settings()


def test_every_documented_setting_has_a_value(settings_of: Any) -> None:
    api = settings_of(FEMI)
    items = api.list().execute()["items"]
    assert [one["id"] for one in items] == DOCUMENTED
    values = {one["id"]: one["value"] for one in items}
    assert (values["timezone"], values["weekStart"], values["locale"]) == (
        "Europe/London",
        "1",
        "en",
    )
    assert api.get(setting="timezone").execute() in items
    assert reason(api.get(setting="favouriteColour"))[:2] == (404, "notFound")


def test_settings_page_and_sync(google: Emulator, settings_of: Any, http: FlaskClient) -> None:
    api = settings_of(DANA)
    found, token = [], None
    while True:
        page = api.list(maxResults=5, pageToken=token).execute()
        found += [one["id"] for one in page["items"]]
        token = page.get("nextPageToken")
        if token is None:
            break
        assert "nextSyncToken" not in page
    assert found == DOCUMENTED
    sync = page["nextSyncToken"]
    assert api.list(syncToken=sync).execute()["items"] == []
    before = api.get(setting="weekStart").execute()
    chosen = {"address": DANA, "name": "weekStart", "value": "0"}
    assert http.post("/_emulator/user-settings", json=chosen).status_code == 200
    google.set_user_setting(FEMI, "locale", "de")
    told = api.list(syncToken=sync).execute()
    assert [(one["id"], one["value"]) for one in told["items"]] == [("weekStart", "0")]
    assert told["items"][0]["etag"] != before["etag"]
    assert reason(settings_of(FEMI).list(syncToken=sync))[:2] == (410, "fullSyncRequired")


def test_only_what_is_documented_can_be_chosen(google: Emulator) -> None:
    for name, value in (("favouriteColour", "red"), ("locale", "x" * 1025)):
        with pytest.raises(Refused):
            google.set_user_setting(DANA, name, value)


def test_the_palette_names_every_colour_once(calendars: Any) -> None:
    palette = calendars.colors().get().execute()
    for kind, number in (("calendar", 24), ("event", 11)):
        assert {int(place) for place in palette[kind]} == set(range(1, number + 1))
        backgrounds = {one["background"] for one in palette[kind].values()}
        assert len(backgrounds) == number
