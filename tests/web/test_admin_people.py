"""Who may do what, given and taken through the pages."""

from __future__ import annotations

import pytest
from flask import Flask

from scheduler.domain.people import Role
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.people import RoleGrant
from tests.cast import DANA, FEMI
from tests.web.browsers import ALEX, Browser, SignedInAs, user_of


def id_of(app: Flask, browser: Browser) -> int:
    me = user_of(app, browser)
    assert me is not None
    return me.user_id


def test_somebody_is_expected_before_they_come(app: Flask, admin: Browser) -> None:
    answer = admin.send(
        "/admin/people/grants", {"email": " Femi@Northwind.example ", "role": "recruiter"}
    )
    assert answer.status_code == 303
    page = admin.get("/admin/people").text
    assert FEMI.email in page
    assert "is recruiter from now on" in page
    with app.app_context():
        assert db.session.get_one(RoleGrant, FEMI.email).role is Role.RECRUITER


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "", "role": "admin"}, "Enter one e-mail address"),
        ({"email": "a@b@c", "role": "admin"}, "Enter one e-mail address"),
        (
            {"email": "eve@northwind.example\r\nBcc: x@y.z", "role": "admin"},
            "Enter one e-mail address",
        ),
        ({"email": "x" * 10_000, "role": "admin"}, "Enter one e-mail address"),
        ({"email": FEMI.email, "role": "owner"}, "Not a valid choice"),
        ({"email": FEMI.email}, ""),
        ({"email": ALEX.email, "role": "interviewer"}, "Ask another administrator"),
    ],
)
def test_what_cannot_be_granted_is_said_in_place(
    admin: Browser, fields: dict[str, object], sentence: str
) -> None:
    answer = admin.send("/admin/people/grants", fields)
    if sentence:
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "data-error-summary" in answer.text
    else:
        assert answer.status_code in (303, 422)


def test_a_role_is_changed_at_once(app: Flask, admin: Browser, recruiter: Browser) -> None:
    user_id = id_of(app, recruiter)
    assert recruiter.get("/admin/people").status_code == 404
    answer = admin.send(f"/admin/people/{user_id}/role", {"role": "admin"})
    assert answer.status_code == 303
    assert recruiter.get("/admin/people").status_code == 200
    with app.app_context():
        entry = db.session.scalars(
            db.select(AuditEntry)
            .where(AuditEntry.action == "grant_role")
            .order_by(AuditEntry.id.desc())
        ).first()
        assert entry is not None
        assert entry.user_id == id_of(app, admin)


@pytest.mark.parametrize("role", ["owner", "", None])
def test_a_role_that_does_not_exist_is_refused(
    app: Flask, admin: Browser, recruiter: Browser, role: str | None
) -> None:
    fields = {} if role is None else {"role": role}
    answer = admin.send(f"/admin/people/{id_of(app, recruiter)}/role", fields)
    assert answer.status_code == 422


def test_nobody_changes_their_own_access(app: Flask, admin: Browser) -> None:
    me = id_of(app, admin)
    assert "Change the role" not in admin.get(f"/admin/people/{me}").text
    for path in ("role", "deactivation"):
        answer = admin.send(f"/admin/people/{me}/{path}", {"role": "interviewer"})
        assert answer.status_code == 422
        assert "Ask another administrator" in answer.text
    assert admin.get("/admin/people").status_code == 200


def test_somebody_is_deactivated_and_let_in_again(
    app: Flask, admin: Browser, signed_in_as: SignedInAs
) -> None:
    dana = signed_in_as(DANA)
    user_id = id_of(app, dana)
    admin.send(f"/admin/people/{user_id}/deactivation")
    assert dana.get("/your-interviews").status_code == 303
    assert "Deactivated" in admin.get(f"/admin/people/{user_id}").text
    admin.send(f"/admin/people/{user_id}/reactivation")
    assert "Deactivated" not in admin.get(f"/admin/people/{user_id}").text
    assert dana.get("/your-interviews").status_code == 303  # the old session stays over


def test_somebody_is_signed_out_everywhere(
    app: Flask, admin: Browser, signed_in_as: SignedInAs
) -> None:
    browsers = [signed_in_as(DANA), signed_in_as(DANA)]
    user_id = id_of(app, browsers[0])
    assert "2 browsers" in admin.get(f"/admin/people/{user_id}").text
    admin.send(f"/admin/people/{user_id}/sessions/end")
    assert [each.get("/your-interviews").status_code for each in browsers] == [303, 303]


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "{{ 7*7 }}", "نور حداد", "‮evil"])
def test_any_name_is_shown_as_it_is_written(
    admin: Browser, signed_in_as: SignedInAs, name: str
) -> None:
    import dataclasses

    from markupsafe import escape

    signed_in_as(dataclasses.replace(DANA, name=name))
    page = admin.get("/admin/people").text
    assert str(escape(name)) in page
    assert "<img" not in page
