"""Meet v2: spaces, their configuration and their members, as an application meets them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    Service,
    meeting,
    refusal,
    wish,
)

DENIED = "Permission denied on resource Space (or it might not exist)"


@pytest.fixture
def spaces_of(service: Service) -> Any:
    """Return a function: the spaces of somebody, with the scopes given or "created"."""

    def signed_in(who: str = SCHEDULING, *scopes: str) -> Any:
        return service(
            who, *(scopes or ("meetings.space.created",)), api="meet", version="v2"
        ).spaces()

    return signed_in


@pytest.fixture
def spaces(spaces_of: Any) -> Any:
    """The spaces of the scheduling account."""
    return spaces_of()


@pytest.fixture
def minted(calendars: Any, organizer: str) -> str:
    """The meeting code of a room that Calendar made."""
    body = meeting(conferenceData=wish(), attendees=[{"email": ADA}])
    made = calendars.events().insert(calendarId=organizer, body=body, conferenceDataVersion=1)
    return str(made.execute()["conferenceData"]["conferenceId"])


def said(call: Any) -> tuple[int, str, str]:
    """Execute a call that must fail; return its status twice, as number and as name, and message."""
    code, body = refusal(call)
    error = body["error"]
    assert error["code"] == code
    assert "errors" not in error
    return code, error["status"], error["message"]


def patched(spaces: Any, space: dict[str, Any], config: dict[str, Any], mask: str = "") -> Any:
    more = {"updateMask": mask} if mask else {}
    return spaces.patch(name=space["name"], body={"config": config}, **more).execute()["config"]


def test_a_new_space_is_set_as_its_owners_organization_says(spaces: Any, spaces_of: Any) -> None:
    made = spaces.create(body={}).execute()
    off = "OFF"
    assert made["config"] == {
        "accessType": "TRUSTED",
        "entryPointAccess": "ALL",
        "moderation": off,
        "moderationRestrictions": {
            "chatRestriction": "NO_RESTRICTION",
            "reactionRestriction": "NO_RESTRICTION",
            "presentRestriction": "NO_RESTRICTION",
            "defaultJoinAsViewerType": off,
        },
        "attendanceReportGenerationType": "DO_NOT_GENERATE",
        "artifactConfig": {
            "recordingConfig": {"autoRecordingGeneration": off},
            "transcriptionConfig": {"autoTranscriptionGeneration": off},
            "smartNotesConfig": {"autoSmartNotesGeneration": off},
        },
    }
    assert made["meetingUri"].endswith(f"/meet/{made['meetingCode']}")
    assert made["phoneAccess"][0]["pin"].isdigit()
    assert "activeConference" not in made
    outsiders = spaces_of(ADA).create(body={}).execute()
    assert outsiders["config"]["accessType"] == "RESTRICTED"
    assert "phoneAccess" not in outsiders


def test_a_space_is_found_by_id_and_by_code(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    for name in (made["name"], f"spaces/{made['meetingCode']}"):
        assert spaces.get(name=name).execute() == made
    assert spaces.get(name=f"spaces/{made['meetingCode'].upper()}").execute() == made
    assert said(spaces.get(name="spaces/aaa-bbbb-ccc")) == (403, "PERMISSION_DENIED", DENIED)


def test_only_reading_goes_by_code(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    alias = f"spaces/{made['meetingCode']}"
    for call in (
        spaces.patch(name=alias, body={"config": {"accessType": "OPEN"}}),
        spaces.endActiveConference(name=alias, body={}),
        spaces.members().list(parent=alias),
        spaces.members().create(parent=alias, body={"email": FEMI}),
    ):
        assert said(call) == (403, "PERMISSION_DENIED", DENIED)


def test_a_space_is_its_owners_alone(spaces: Any, spaces_of: Any) -> None:
    made = spaces.create(body={}).execute()
    theirs = spaces_of(PRIYA)
    for call in (
        theirs.get(name=made["name"]),
        theirs.patch(name=made["name"], body={"config": {"accessType": "OPEN"}}),
        theirs.endActiveConference(name=made["name"], body={}),
        theirs.members().list(parent=made["name"]),
    ):
        assert said(call) == (403, "PERMISSION_DENIED", DENIED)


def test_what_a_scope_opens(spaces_of: Any, minted: str, google: Emulator) -> None:
    created = spaces_of()
    made = created.create(body={}).execute()
    alias = f"spaces/{minted}"
    assert said(created.get(name=alias))[:2] == (403, "PERMISSION_DENIED")
    for scope in ("meetings.space.readonly", "meetings.space.settings"):
        reader = spaces_of(SCHEDULING, scope)
        found = reader.get(name=alias).execute()
        assert found["meetingCode"] == minted
        code, body = refusal(reader.create(body={}))
        assert (code, body["error"]["status"]) == (403, "PERMISSION_DENIED")
        (detail,) = body["error"]["details"]
        assert detail["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert detail["metadata"]["service"] == "meet.googleapis.com"
    readonly = spaces_of(SCHEDULING, "meetings.space.readonly")
    opened = {"config": {"accessType": "OPEN"}}
    assert said(readonly.patch(name=made["name"], body=opened))[0] == 403
    assert readonly.members().list(parent=made["name"]).execute() == {}
    editor = spaces_of(SCHEDULING, "meetings.space.settings")
    editor.patch(name=made["name"], body=opened).execute()
    assert said(editor.patch(name=found["name"], body=opened)) == (403, "PERMISSION_DENIED", DENIED)
    google.set_switches(minted_space_patch="allow")
    assert editor.patch(name=found["name"], body=opened).execute()["config"]["accessType"] == "OPEN"
    assert said(created.patch(name=found["name"], body=opened))[0] == 403
    for who in (DANA, ADA):
        other = spaces_of(who, "meetings.space.settings")
        assert said(other.patch(name=found["name"], body=opened))[0] == 403


def test_a_mask_says_what_changes(spaces: Any) -> None:
    made = spaces.create(body={"config": {"accessType": "OPEN"}}).execute()
    record = {"recordingConfig": {"autoRecordingGeneration": "ON"}}
    both = {"accessType": "RESTRICTED", "artifactConfig": record}
    one = patched(spaces, made, both, "config.artifactConfig.recordingConfig")
    assert (one["accessType"], one["artifactConfig"]["recordingConfig"]) == (
        "OPEN",
        record["recordingConfig"],
    )
    assert one["artifactConfig"]["smartNotesConfig"] == {"autoSmartNotesGeneration": "OFF"}
    given = patched(spaces, made, {"accessType": "RESTRICTED"})
    assert given == {**one, "accessType": "RESTRICTED"}
    cleared = patched(spaces, made, {}, "config.artifact_config")
    assert cleared == {**given, "artifactConfig": made["config"]["artifactConfig"]}
    reset = patched(spaces, made, {"attendanceReportGenerationType": "GENERATE_REPORT"}, "*")
    assert (reset["accessType"], reset["attendanceReportGenerationType"]) == (
        "TRUSTED",
        "GENERATE_REPORT",
    )
    unspecified = patched(spaces, made, {"accessType": "ACCESS_TYPE_UNSPECIFIED"})
    assert unspecified == reset


def test_restrictions_last_as_long_as_moderation(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    strict = {"chatRestriction": "HOSTS_ONLY"}
    without = patched(spaces, made, {"moderationRestrictions": strict})
    assert without["moderationRestrictions"]["chatRestriction"] == "NO_RESTRICTION"
    on = patched(spaces, made, {"moderation": "ON", "moderationRestrictions": strict})
    assert on["moderationRestrictions"]["chatRestriction"] == "HOSTS_ONLY"
    assert on["moderationRestrictions"]["presentRestriction"] == "NO_RESTRICTION"
    off = patched(spaces, made, {"moderation": "OFF"})
    assert off["moderationRestrictions"] == made["config"]["moderationRestrictions"]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"accessType": "EVERYBODY"}, "space.config.access_type"),
        ({"moderation": "MODERATION_UNSPECIFIED"}, "space.config.moderation"),
        ({"accessType": 3}, "space.config.access_type"),
        ({"lobby": True}, "space.config"),
        ({"artifactConfig": "ON"}, "space.config.artifact_config"),
        (
            {"artifactConfig": {"recordingConfig": {"autoRecordingGeneration": "MAYBE"}}},
            "space.config.artifact_config.recording_config.auto_recording_generation",
        ),
        (
            {"moderationRestrictions": {"dance": "HOSTS_ONLY"}},
            "space.config.moderation_restrictions",
        ),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    spaces: Any, config: dict[str, Any], field: str
) -> None:
    made = spaces.create(body={}).execute()
    for call in (
        spaces.create(body={"config": config}),
        spaces.patch(name=made["name"], body={"config": config}),
    ):
        code, body = refusal(call)
        assert (code, body["error"]["status"]) == (400, "INVALID_ARGUMENT")
        (detail,) = body["error"]["details"]
        assert [one["field"] for one in detail["fieldViolations"]] == [field]
    assert spaces.get(name=made["name"]).execute() == made


def test_a_mask_that_leads_nowhere_is_refused(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    for mask in ("config.colour", "accessType", "config.accessType.deep", "name"):
        call = spaces.patch(name=made["name"], body={}, updateMask=mask)
        assert said(call)[:2] == (400, "INVALID_ARGUMENT")
    assert said(spaces.create(body={"color": "red"}))[:2] == (400, "INVALID_ARGUMENT")


def test_ending_a_conference_sends_everybody_home(spaces: Any, http: FlaskClient) -> None:
    made = spaces.create(body={}).execute()
    assert spaces.endActiveConference(name=made["name"], body={}).execute() == {}
    http.get(f"/meet/{made['meetingCode']}?as={DANA}")
    active = spaces.get(name=made["name"]).execute()["activeConference"]["conferenceRecord"]
    assert active.startswith("conferenceRecords/")
    spaces.endActiveConference(name=made["name"], body={}).execute()
    assert "activeConference" not in spaces.get(name=made["name"]).execute()


def test_members_come_are_changed_and_go(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    api = spaces.members()
    cohost = {"email": "Guest@Else.example", "role": "COHOST"}
    first = api.create(parent=made["name"], body=cohost).execute()
    assert (first["email"], first["role"]) == ("guest@else.example", "COHOST")
    second = api.create(parent=made["name"], body={"email": FEMI}).execute()
    assert second["role"] == "ROLE_UNSPECIFIED"
    assert api.get(name=first["name"]).execute() == first
    page = api.list(parent=made["name"], pageSize=1).execute()
    assert page["members"] == [first]
    rest = api.list(parent=made["name"], pageSize=1, pageToken=page["nextPageToken"]).execute()
    assert rest == {"members": [second]}
    changed = api.patch(name=second["name"], body={"role": "COHOST"}, updateMask="role").execute()
    assert changed == {**second, "role": "COHOST"}
    assert api.patch(name=second["name"], body={}).execute() == changed
    cleared = api.patch(name=second["name"], body={}, updateMask="*").execute()
    assert cleared["role"] == "ROLE_UNSPECIFIED"
    assert api.delete(name=first["name"]).execute() == {}
    assert api.list(parent=made["name"]).execute() == {"members": [second]}
    for call in (api.get(name=first["name"]), api.delete(name=first["name"])):
        assert said(call) == (404, "NOT_FOUND", "Requested entity was not found.")


def test_members_that_cannot_be_are_refused(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    api = spaces.members()
    first = api.create(parent=made["name"], body={"email": FEMI}).execute()
    for body, status in (
        ({}, "INVALID_ARGUMENT"),
        ({"email": "femi"}, "INVALID_ARGUMENT"),
        ({"email": DANA, "role": "KING"}, "INVALID_ARGUMENT"),
        ({"email": FEMI.upper()}, "ALREADY_EXISTS"),
    ):
        code, name, _ = said(api.create(parent=made["name"], body=body))
        assert (code, name) == ({"ALREADY_EXISTS": 409}.get(status, 400), status)
    wrong_mask = api.patch(name=first["name"], body={"email": DANA}, updateMask="email")
    assert said(wrong_mask)[:2] == (400, "INVALID_ARGUMENT")
    assert said(api.list(parent=made["name"], pageToken="x"))[:2] == (400, "INVALID_ARGUMENT")
    assert said(api.list(parent=made["name"], pageSize=-1))[:2] == (400, "INVALID_ARGUMENT")


def test_many_members_change_at_once_or_none(spaces: Any) -> None:
    made = spaces.create(body={}).execute()
    api = spaces.members()
    names = [
        api.create(parent=made["name"], body={"email": email}).execute()["name"]
        for email in (DANA, FEMI)
    ]

    def batch(*requests: dict[str, Any], **more: Any) -> Any:
        return api.batchUpdate(parent=made["name"], body={"requests": list(requests), **more})

    def cohost(name: str, **more: Any) -> dict[str, Any]:
        return {"member": {"name": name, "role": "COHOST"}, **more}

    unknown = f"{made['name']}/members/nobody"
    assert said(batch(cohost(names[0]), cohost(unknown)))[:2] == (404, "NOT_FOUND")
    for call in (
        batch(cohost(names[0], updateMask="role")),
        batch(cohost(names[0], updateMask="*"), updateMask="role"),
        batch({}),
        batch(*[cohost(names[0])] * 501),
    ):
        assert said(call)[:2] == (400, "INVALID_ARGUMENT")
    roles = [one["role"] for one in api.list(parent=made["name"]).execute()["members"]]
    assert roles == ["ROLE_UNSPECIFIED"] * 2
    mask = {"updateMask": "role"}
    answer = batch(cohost(names[0], **mask), cohost(names[1]), **mask).execute()
    assert [(one["name"], one["role"]) for one in answer["members"]] == [
        (name, "COHOST") for name in names
    ]
    assert answer == api.list(parent=made["name"]).execute()


def test_calendars_own_rooms_have_no_members(spaces_of: Any, minted: str) -> None:
    name = (
        spaces_of(SCHEDULING, "meetings.space.readonly")
        .get(name=f"spaces/{minted}")
        .execute()["name"]
    )
    api = spaces_of(SCHEDULING, "meetings.space.created", "meetings.space.readonly").members()
    for call in (
        api.list(parent=name),
        api.create(parent=name, body={"email": FEMI, "role": "COHOST"}),
        api.batchUpdate(parent=name, body={}),
    ):
        assert said(call) == (403, "PERMISSION_DENIED", DENIED)


def test_signing_in_and_quotas_are_refused_in_the_newer_words(
    http: FlaskClient, google: Emulator, spaces: Any
) -> None:
    for headers, begins in (
        ({}, "Request is missing required authentication credential."),
        ({"Authorization": "Bearer x"}, "Request had invalid authentication credentials."),
    ):
        answer = http.get("/v2/spaces/x", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json is not None
        error = answer.json["error"]
        assert (error["status"], "errors" in error) == ("UNAUTHENTICATED", False)
        assert error["message"].startswith(begins)
    google.set_quota(per_user_per_minute=0)
    assert said(spaces.create(body={}))[:2] == (429, "RESOURCE_EXHAUSTED")
    google.set_quota(per_user_per_minute=None)
    google.add_fault(status=503, path="/v2/spaces")
    assert said(spaces.create(body={}))[:2] == (503, "UNAVAILABLE")
