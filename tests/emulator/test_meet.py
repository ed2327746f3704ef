"""Meet rooms: who walks in, who knocks, who lets whom in, and Meet v2."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator import meet
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    STRANGER,
    Service,
    meeting,
    refusal,
    wish,
)


@pytest.fixture
def code(calendars: Any, organizer: str) -> str:
    """A room whose event invites Ada; its conference is copied to an event that invites Dana and a stranger."""
    events = calendars.events()
    mine = meeting(id="origin", conferenceData=wish(), attendees=[{"email": ADA}])
    data = events.insert(calendarId=organizer, body=mine, conferenceDataVersion=1).execute()[
        "conferenceData"
    ]
    copied = {name: value for name, value in data.items() if name != "createRequest"}
    other = meeting(
        id="copied",
        conferenceData=copied,
        attendees=[{"email": DANA}, {"email": "guest@else.example"}],
    )
    events.insert(calendarId=organizer, body=other, conferenceDataVersion=1).execute()
    return str(data["conferenceId"])


def visit(http: FlaskClient, code: str, who: str) -> str:
    answer = http.get(f"/meet/{code}?as={who}")
    assert answer.status_code == 200
    return answer.text


def test_invitees_and_the_hosts_organisation_walk_in_others_knock(
    http: FlaskClient, code: str
) -> None:
    assert "is knocking" not in visit(http, code, ADA)
    assert "is knocking" not in visit(http, code, DANA)
    assert "is knocking" not in visit(http, code, FEMI)
    assert "is knocking" in visit(http, code, STRANGER)
    # A guest of a copied event only is no invitee of the room.
    assert "is knocking" in visit(http, code, "guest@else.example")


def test_somebody_inside_lets_a_knocking_person_in(
    http: FlaskClient, code: str, google: Emulator
) -> None:
    visit(http, code, STRANGER)
    let_in = {"as": ADA, "guest": STRANGER}
    visit(http, code, ADA)
    assert http.post(f"/meet/{code}/admit", data=let_in).status_code == 403
    assert http.post(f"/meet/{code}/admit", data={**let_in, "as": DANA}).status_code == 403
    visit(http, code, DANA)
    assert http.post(f"/meet/{code}/admit", data={**let_in, "as": DANA}).status_code == 303
    page = visit(http, code, STRANGER)
    assert "let in by somebody inside" in page
    assert "Dana Okafor" in page
    http.post(f"/meet/{code}/leave", data={"as": STRANGER})
    assert STRANGER not in meet.presence(google.world, code)


def test_a_knocking_person_sees_nobody(http: FlaskClient, code: str) -> None:
    visit(http, code, DANA)
    page = visit(http, code, STRANGER)
    assert "Dana" not in page
    assert "Ada" not in page


def test_the_guest_list_of_the_room_is_the_owning_events(google: Emulator, code: str) -> None:
    space = meet.by_code(google.world, code)
    assert space is not None
    assert meet.invitees(google.world, space) == [ADA]
    assert (space.owner, space.made_by, space.event_id) == (SCHEDULING, "calendar", "origin")


def test_access_type_and_moderation_decide(google: Emulator, code: str, service: Service) -> None:
    spaces = service(SCHEDULING, "meetings.space.settings", api="meet", version="v2").spaces()
    found = spaces.get(name=f"spaces/{code}").execute()
    assert found["meetingCode"] == code
    assert found["config"]["accessType"] == "TRUSTED"

    google.set_switches(minted_space_patch="allow")

    def may_join(who: str) -> bool:
        space = meet.by_code(google.world, code)
        assert space is not None
        return meet.may_join(google.world, space, who)

    def set_access(kind: str) -> None:
        body = {"config": {"accessType": kind}}
        spaces.patch(name=found["name"], body=body, updateMask="config.accessType").execute()

    set_access("OPEN")
    assert may_join(STRANGER)
    set_access("RESTRICTED")
    assert not may_join(DANA)
    assert may_join(ADA)
    other = service(PRIYA, "meetings.space.settings", api="meet", version="v2").spaces()
    assert refusal(other.get(name=f"spaces/{code}"))[1]["error"]["status"] == "PERMISSION_DENIED"


def test_members_exist_on_rooms_the_app_made_only(
    service: Service, code: str, google: Emulator
) -> None:
    spaces = service(SCHEDULING, "meetings.space.created", api="meet", version="v2").spaces()
    made = spaces.create(body={"config": {"accessType": "RESTRICTED"}}).execute()
    member = (
        spaces.members()
        .create(parent=made["name"], body={"email": STRANGER, "role": "COHOST"})
        .execute()
    )
    assert member["name"].startswith(f"{made['name']}/members/")
    space = meet.by_code(google.world, made["meetingCode"])
    assert space is not None
    assert meet.may_join(google.world, space, STRANGER)
    assert spaces.members().list(parent=made["name"]).execute() == {"members": [member]}
    spaces.members().delete(name=member["name"]).execute()
    assert spaces.members().list(parent=made["name"]).execute() == {}
    minted = meet.by_code(google.world, code)
    assert minted is not None
    for name in (f"spaces/{minted.id}", f"spaces/{made['meetingCode']}"):
        assert refusal(spaces.members().list(parent=name))[0] == 403


def test_with_moderation_hosts_alone_let_people_in(
    http: FlaskClient, google: Emulator, service: Service
) -> None:
    spaces = service(SCHEDULING, "meetings.space.created", api="meet", version="v2").spaces()
    made = spaces.create(body={"config": {"moderation": "ON"}}).execute()
    spaces.members().create(parent=made["name"], body={"email": FEMI, "role": "COHOST"}).execute()
    room = made["meetingCode"]
    for who in (DANA, FEMI, STRANGER):
        visit(http, room, who)
    knock = {"guest": STRANGER}
    assert http.post(f"/meet/{room}/admit", data={**knock, "as": DANA}).status_code == 403
    assert http.post(f"/meet/{room}/admit", data={**knock, "as": FEMI}).status_code == 303
    assert meet.presence(google.world, room)[STRANGER] == "admitted"


def test_a_room_for_the_app_alone_opens_in_no_browser(http: FlaskClient, service: Service) -> None:
    spaces = service(SCHEDULING, "meetings.space.created", api="meet", version="v2").spaces()
    config = {"accessType": "OPEN", "entryPointAccess": "CREATOR_APP_ONLY"}
    made = spaces.create(body={"config": config}).execute()
    assert http.get(f"/meet/{made['meetingCode']}?as={SCHEDULING}").status_code == 403


def test_an_unknown_room_is_404(http: FlaskClient) -> None:
    assert http.get("/meet/aaa-bbbb-ccc?as=x@y.example").status_code == 404


def test_the_more_entry_point_leads_somewhere(http: FlaskClient, code: str) -> None:
    assert "PIN" in http.get(f"/tel/{code}").text
