"""acl: sharing a calendar, and who may do what with one that is shared."""

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
    STRANGER,
    Service,
    meeting,
    reason,
)

PANEL = "panel@acme.example"


def rule(role: str, value: str = DANA, kind: str = "user") -> dict[str, Any]:
    scope = {"type": kind, **({"value": value} if value else {})}
    return {"role": role, "scope": scope}


@pytest.fixture
def rules(calendars: Any) -> Any:
    """The access rules, as the scheduling account."""
    return calendars.acl()


def shared_mails(google: Emulator) -> list[tuple[str, str]]:
    return [(mail["to"][0], mail["subject"]) for mail in google.outbox()]


def test_a_rule_is_made_read_changed_and_taken_away(rules: Any, organizer: str) -> None:
    made = rules.insert(calendarId=organizer, body=rule("reader", "Dana@Acme.example")).execute()
    assert (made["id"], made["role"]) == (f"user:{DANA}", "reader")
    assert made["scope"] == {"type": "user", "value": DANA}
    assert rules.get(calendarId=organizer, ruleId=made["id"]).execute() == made
    patched = rules.patch(
        calendarId=organizer, ruleId=made["id"], body={"role": "writer"}
    ).execute()
    assert (patched["role"], patched["scope"]) == ("writer", made["scope"])
    assert patched["etag"] != made["etag"]
    updated = rules.update(
        calendarId=organizer, ruleId=made["id"], body=rule("freeBusyReader")
    ).execute()
    assert updated["role"] == "freeBusyReader"
    again = rules.insert(calendarId=organizer, body=rule("owner")).execute()
    assert (again["id"], again["role"]) == (made["id"], "owner")
    rules.delete(calendarId=organizer, ruleId=made["id"]).execute()
    for call in (
        rules.get(calendarId=organizer, ruleId=made["id"]),
        rules.delete(calendarId=organizer, ruleId=made["id"]),
        rules.patch(calendarId=organizer, ruleId="user:nobody@x.example", body={"role": "reader"}),
    ):
        assert reason(call)[0] == 404


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"scope": {"type": "user", "value": DANA}}, "required"),
        ({"role": "reader"}, "required"),
        (rule("reader", ""), "required"),
        (rule("king"), "invalid"),
        (rule("reader", DANA, "friend"), "invalid"),
        (rule("reader", "acme.example"), "invalid"),
        (rule("reader", DANA, "domain"), "invalid"),
        ({"role": 3, "scope": {"type": "default"}}, "invalid"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    rules: Any, organizer: str, body: dict[str, Any], why: str
) -> None:
    assert reason(rules.insert(calendarId=organizer, body=body))[:2] == (400, why)


def test_a_rule_stays_with_whom_it_is_for(rules: Any, organizer: str) -> None:
    rules.insert(calendarId=organizer, body=rule("reader")).execute()
    moved = rules.patch(calendarId=organizer, ruleId=f"user:{DANA}", body=rule("reader", FEMI))
    assert reason(moved)[:2] == (400, "invalid")
    bare = rules.update(calendarId=organizer, ruleId=f"user:{DANA}", body={"role": "reader"})
    assert reason(bare)[:2] == (400, "required")


def test_rules_page_sync_and_remember_who_was_removed(
    rules: Any, organizer: str, google: Emulator
) -> None:
    for email in (DANA, FEMI, PRIYA):
        rules.insert(calendarId=organizer, body=rule("reader", email)).execute()
    first = rules.list(calendarId=organizer, maxResults=3).execute()
    assert "nextSyncToken" not in first
    second = rules.list(
        calendarId=organizer, maxResults=3, pageToken=first["nextPageToken"]
    ).execute()
    found = [one["id"] for one in (*first["items"], *second["items"])]
    assert found == sorted(f"user:{email}" for email in (DANA, FEMI, PRIYA, SCHEDULING))
    token = second["nextSyncToken"]
    rules.delete(calendarId=organizer, ruleId=f"user:{FEMI}").execute()
    told = rules.list(calendarId=organizer, syncToken=token).execute()
    assert [(one["id"], one["role"]) for one in told["items"]] == [(f"user:{FEMI}", "none")]
    assert (
        rules.list(calendarId=organizer, syncToken=told["nextSyncToken"]).execute()["items"] == []
    )
    assert len(rules.list(calendarId=organizer).execute()["items"]) == 3
    assert len(rules.list(calendarId=organizer, showDeleted=True).execute()["items"]) == 4
    refused = rules.list(calendarId=organizer, syncToken=token, showDeleted=False)
    assert reason(refused)[:2] == (400, "invalid")
    google.expire_sync_tokens()
    gone = rules.list(calendarId=organizer, syncToken=token)
    assert reason(gone)[:2] == (410, "fullSyncRequired")


def test_a_write_may_insist_on_an_etag(rules: Any, organizer: str) -> None:
    made = rules.insert(calendarId=organizer, body=rule("reader")).execute()
    rules.patch(calendarId=organizer, ruleId=made["id"], body={"role": "writer"}).execute()
    for call in (
        rules.patch(calendarId=organizer, ruleId=made["id"], body={"role": "owner"}),
        rules.update(calendarId=organizer, ruleId=made["id"], body=rule("owner")),
        rules.delete(calendarId=organizer, ruleId=made["id"]),
    ):
        call.headers["If-Match"] = made["etag"]
        assert reason(call)[:2] == (412, "conditionNotMet")
    assert rules.get(calendarId=organizer, ruleId=made["id"]).execute()["role"] == "writer"


def test_writers_read_the_rules_and_owners_change_them(
    google: Emulator, organizer: str, service: Service
) -> None:
    theirs = service(DANA).acl()
    assert reason(theirs.list(calendarId=organizer))[:2] == (404, "notFound")
    for role, may_read, may_change in (
        ("freeBusyReader", False, False),
        ("reader", False, False),
        ("writerWithoutPrivateAccess", False, False),
        ("writer", True, False),
        ("owner", True, True),
    ):
        google.grant(organizer, "user", DANA, role)
        reading = theirs.list(calendarId=organizer)
        changing = theirs.insert(calendarId=organizer, body=rule("reader", FEMI))
        removing = theirs.delete(calendarId=organizer, ruleId=f"user:{FEMI}")
        for call, may in ((reading, may_read), (changing, may_change), (removing, may_change)):
            if may:
                call.execute()
            else:
                assert reason(call)[:2] == (403, "requiredAccessLevel")


def test_nobody_lowers_their_own_access_or_the_data_owners(
    google: Emulator, organizer: str, rules: Any, service: Service
) -> None:
    google.grant(organizer, "user", DANA, "owner")
    mine = rules.delete(calendarId=organizer, ruleId=f"user:{SCHEDULING}")
    assert reason(mine) == (403, "cannotChangeOwnAcl", "Cannot change your own access level.")
    lowered = rules.patch(
        calendarId=organizer, ruleId=f"user:{SCHEDULING}", body={"role": "reader"}
    )
    assert reason(lowered)[:2] == (403, "cannotChangeOwnAcl")
    theirs = service(DANA).acl().delete(calendarId=organizer, ruleId=f"user:{SCHEDULING}")
    assert reason(theirs)[:2] == (403, "cannotChangeOwnerAcl")
    rules.delete(calendarId=organizer, ruleId=f"user:{DANA}").execute()


def test_a_group_a_domain_and_everybody_have_roles(
    google: Emulator, organizer: str, rules: Any, service: Service, http: FlaskClient
) -> None:
    def seen_by(who: str) -> str | int:
        call = service(who).events().list(calendarId=organizer)
        try:
            return str(call.execute()["accessRole"])
        except Exception:
            return reason(call)[0]

    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == [404, 404, 404]
    panel = {"email": PANEL, "members": [DANA, ADA]}
    assert http.post("/_emulator/groups", json=panel).status_code == 200
    rules.insert(calendarId=organizer, body=rule("writer", PANEL, "group")).execute()
    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == ["writer", 404, "writer"]
    rules.insert(calendarId=organizer, body=rule("reader", "acme.example", "domain")).execute()
    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == ["writer", "reader", "writer"]
    google.set_group(PANEL, [DANA])
    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == ["writer", "reader", 404]
    public = rules.insert(calendarId=organizer, body=rule("freeBusyReader", "", "default"))
    assert public.execute()["id"] == "default"
    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == ["writer", "reader", "freeBusyReader"]
    rules.delete(calendarId=organizer, ruleId="default").execute()
    rules.delete(calendarId=organizer, ruleId=f"group:{PANEL}").execute()
    assert [seen_by(who) for who in (DANA, FEMI, ADA)] == ["reader", "reader", 404]


def test_people_and_groups_are_told_of_what_is_shared_with_them(
    google: Emulator, organizer: str, rules: Any
) -> None:
    rules.insert(calendarId=organizer, body=rule("reader")).execute()
    told = (DANA, "Acme Interviews has shared a calendar with you")
    assert shared_mails(google) == [told]
    assert "see all event details" in google.outbox()[0]["raw"]
    rules.patch(
        calendarId=organizer, ruleId=f"user:{DANA}", body={"role": "freeBusyReader"}
    ).execute()
    rules.delete(calendarId=organizer, ruleId=f"user:{DANA}").execute()
    assert shared_mails(google) == [told]
    rules.insert(calendarId=organizer, body=rule("writer"), sendNotifications=False).execute()
    rules.insert(calendarId=organizer, body=rule("reader", "acme.example", "domain")).execute()
    assert shared_mails(google) == [told]
    rules.update(
        calendarId=organizer, ruleId=f"user:{DANA}", body=rule("owner"), sendNotifications=True
    ).execute()
    rules.insert(calendarId=organizer, body=rule("reader", STRANGER)).execute()
    assert [to for to, _ in shared_mails(google)] == [DANA, DANA, STRANGER]


def test_a_writer_without_private_access_leaves_private_events_alone(
    google: Emulator, organizer: str, calendars: Any, service: Service
) -> None:
    google.grant(organizer, "user", DANA, "writerWithoutPrivateAccess")
    ours, theirs = calendars.events(), service(DANA).events()
    ours.insert(calendarId=organizer, body=meeting(id="plain")).execute()
    ours.insert(calendarId=organizer, body=meeting(id="secret", visibility="private")).execute()
    change = {"summary": "Changed"}
    theirs.patch(calendarId=organizer, eventId="plain", body=change).execute()
    seen = theirs.get(calendarId=organizer, eventId="secret").execute()
    assert "summary" not in seen
    for call in (
        theirs.patch(calendarId=organizer, eventId="secret", body=change),
        theirs.update(calendarId=organizer, eventId="secret", body=meeting()),
        theirs.delete(calendarId=organizer, eventId="secret"),
    ):
        assert reason(call)[:2] == (403, "requiredAccessLevel")
    theirs.insert(calendarId=organizer, body=meeting(id="theirs")).execute()
    assert len(google.calendar_as(organizer)) == 3
