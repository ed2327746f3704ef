"""Whatever goes wrong, somebody reads one sentence and what to do next."""

from __future__ import annotations

import dataclasses

import pytest

from scheduler import create_app
from scheduler.commands.checks import Refused
from scheduler.config import Settings
from scheduler.domain.people import Role
from tests.web.browsers import Browser, SignedInAs

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "path", ["/nowhere", "/i", "/.git/config", "/console", "/admin/people/1/x"]
)
def test_there_is_nothing_here(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_a_number_too_large_for_an_id_is_nobodys(admin: Browser) -> None:
    for path in ("/admin/people/", "/admin/pools/", "/admin/interviewers/", "/admin/plans/stages/"):
        for number in ("2147483648", "9" * 40, "-1", "1e3", "0"):
            assert admin.get(f"{path}{number}").status_code == 404


@pytest.mark.parametrize("what", ["people", "pools", "interviewers", "plans", "plans/stages"])
def test_a_thing_that_is_not_there_looks_like_a_page_that_is_not(admin: Browser, what: str) -> None:
    assert admin.get(f"/admin/{what}/4711").status_code == 404


def test_a_page_asked_in_the_wrong_way_says_which_ways_there_are(admin: Browser) -> None:
    answer = admin.send("/admin/plans")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8000", ""]
)
def test_a_poisoned_host_is_turned_away(client: Browser, host: str) -> None:
    answer = client.get("/login", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_headers_of_a_proxy_nobody_configured_count_for_nothing(client: Browser) -> None:
    answer = client.get(
        "/admin/people",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    assert answer.headers["Location"].startswith("/login")


def test_a_proxy_that_was_configured_is_believed(settings: Settings) -> None:
    url = "https://interviews.northwind.example"
    app = create_app(dataclasses.replace(settings, public_url=url, trusted_proxies=1))
    forwarded = {"X-Forwarded-Host": "interviews.northwind.example", "X-Forwarded-Proto": "https"}
    answer = app.test_client().get("/login", headers={"Host": "10.0.0.7:8000"} | forwarded)
    assert answer.status_code == 200
    evil = forwarded | {"X-Forwarded-Host": "evil.example"}
    assert app.test_client().get("/login", headers=evil).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"name=" + b"x" * 40 * MEGABYTE,
        b"&".join(b"a%d=1" % number for number in range(100_000)),
    ],
    ids=["40 MB", "100,000 fields"],
)
def test_too_much_is_turned_away(admin: Browser, body: bytes) -> None:
    answer = admin.post(
        "/admin/pools",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-CSRFToken": admin.csrf_token()},
    )
    assert 400 <= answer.status_code < 500


def test_too_many_parts_are_turned_away(admin: Browser) -> None:
    fields = {f"a{number}": "1" for number in range(201)}
    answer = admin.post(
        "/admin/pools",
        data=fields,
        content_type="multipart/form-data",
        headers={"X-CSRFToken": admin.csrf_token()},
    )
    assert answer.status_code == 413


def test_a_form_that_is_no_text_is_turned_away(signed_in_as: SignedInAs) -> None:
    admin = signed_in_as(Role.ADMIN)
    answer = admin.post(
        "/admin/pools",
        data=b"name=%FF%00%C0",
        content_type="application/x-www-form-urlencoded",
        headers={"X-CSRFToken": admin.csrf_token()},
    )
    assert answer.status_code < 500


@pytest.mark.parametrize("query", ["q=%00", "q=%FF", "q=" + "x" * 5000, "q=%25_%5C"])
def test_any_search_is_answered(admin: Browser, query: str) -> None:
    assert admin.get(f"/admin/interviewers?{query}").status_code == 200


def test_a_mistake_of_ours_tells_nothing_of_what_it_knew(settings: Settings) -> None:
    app = create_app(settings)

    def fail() -> str:
        raise RuntimeError("a secret")

    app.view_functions["auth.login"] = fail
    answer = app.test_client().get("/login")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text


def test_what_a_command_refuses_and_no_page_expected_is_still_theirs(settings: Settings) -> None:
    app = create_app(settings)

    def fail() -> str:
        raise Refused("name", "Enter a name.")

    app.view_functions["auth.login"] = fail
    assert app.test_client().get("/login").status_code == 422


def test_headers_stand_on_error_pages_too(client: Browser) -> None:
    answer = client.get("/nowhere")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
