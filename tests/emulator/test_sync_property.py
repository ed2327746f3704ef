"""A client that follows sync tokens ends with the same calendar as one that reads it all."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, Clock, meeting, settings
from tests.emulator.schemas import checked

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("insert", "rename", "delete", "invite", "answer", "sync")),
        st.integers(0, 4),
        st.integers(1, 3),
    ),
    max_size=25,
)


@examples(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_following_tokens_gives_the_full_list(steps: list[tuple[str, int, int]]) -> None:
    app = checked(create_emulator(settings(), Clock()))
    google: Emulator = app.extensions["emulator"]
    http = app.test_client()
    tokens = {who: google.issue_access_token(who, ["calendar"]) for who in (SCHEDULING, ADA)}

    def ask(who: str, method: str, path: str, body: Any = None, **query: Any) -> Any:
        head = {"Authorization": f"Bearer {tokens[who]}"}
        url = f"/calendar/v3/calendars/primary/events{path}"
        return http.open(url, method=method, json=body, headers=head, query_string=query).json

    def follow(mirror: dict[str, Any], who: str, token: str | None, size: int) -> str:
        query: dict[str, Any] = {"maxResults": size, **({"syncToken": token} if token else {})}
        while True:
            page = ask(who, "GET", "", **query)
            for event in page["items"]:
                mirror.pop(event["id"], None)
                if event["status"] != "cancelled":
                    mirror[event["id"]] = event
            if "nextSyncToken" in page:
                return str(page["nextSyncToken"])
            query["pageToken"] = page["nextPageToken"]

    mirrors: dict[str, dict[str, Any]] = {SCHEDULING: {}, ADA: {}}
    places = {who: follow(mirrors[who], who, None, 2) for who in mirrors}
    for step, number, size in [*steps, ("sync", 0, 2)]:
        name = f"event{number}"
        if step == "insert":
            ask(SCHEDULING, "POST", "", meeting(id=name, attendees=[{"email": ADA}]))
        elif step == "rename":
            ask(SCHEDULING, "PATCH", f"/{name}", {"summary": f"Title {size}"})
        elif step == "invite":
            guests = [{"email": ADA}, {"email": DANA}][: size % 3]
            ask(SCHEDULING, "PATCH", f"/{name}", {"attendees": guests})
        elif step == "delete":
            ask(SCHEDULING, "DELETE", f"/{name}")
        elif step == "answer":
            google.rsvp(ADA, name, ("accepted", "declined", "tentative")[size - 1])
        else:
            places = {who: follow(mirrors[who], who, places[who], size) for who in mirrors}
    for who, mirror in mirrors.items():
        whole = {event["id"]: event for event in ask(who, "GET", "", maxResults=2500)["items"]}
        assert mirror == whole
    google.close()
