"""One test a header: what an answer says to the browser about itself."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from scheduler.web import headers

ISSUER = "https://accounts.example"


def get(path: str, public_url: str = "https://greenroom.example") -> Headers:
    return app_at(public_url).test_client().get(path).headers


def directives(path: str) -> dict[str, str]:
    policy = get(path)["Content-Security-Policy"]
    return {name: value for name, _, value in (each.partition(" ") for each in policy.split("; "))}


class TestContentSecurityPolicy:
    def test_it_starts_from_nothing(self) -> None:
        policy = directives("/")
        assert policy["default-src"] == "'none'"
        for kind in ("style-src", "img-src", "font-src", "connect-src"):
            assert policy[kind] == "'self'"
        for kind in ("base-uri", "frame-ancestors", "object-src"):
            assert policy[kind] == "'none'"

    @pytest.mark.parametrize("path", ["/", "/i/token", "/missing", "/broken"])
    def test_nothing_unsafe_is_allowed_anywhere(self, path: str) -> None:
        policy = get(path)["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "data:" not in policy
        assert "*" not in policy

    def test_a_script_needs_to_be_ours(self) -> None:
        assert directives("/")["script-src"].startswith("'self' 'nonce-")

    def test_the_nonce_is_new_each_time_and_one_in_each_answer(self) -> None:
        client = app_at("https://greenroom.example").test_client()
        first, second = client.get("/"), client.get("/")

        assert f"'nonce-{first.text}'" in first.headers["Content-Security-Policy"]
        assert first.text != second.text

    def test_text_becomes_markup_only_through_htmx(self) -> None:
        assert directives("/")["require-trusted-types-for"] == "'script'"
        assert directives("/")["trusted-types"] == "htmx"

    def test_a_candidates_page_makes_no_markup_from_text(self) -> None:
        assert directives("/i/token")["trusted-types"] == "'none'"

    def test_a_form_may_lead_to_the_issuer(self) -> None:
        assert directives("/")["form-action"] == f"'self' {ISSUER}"

    def test_a_candidates_form_leads_home(self) -> None:
        assert directives("/i/token")["form-action"] == "'self'"

    def test_a_page_may_have_a_stricter_one_of_its_own(self) -> None:
        assert get("/own-policy")["Content-Security-Policy"] == "sandbox"


class TestOtherHeaders:
    @pytest.mark.parametrize("path", ["/", "/i/token", "/missing", "/broken", "/refused"])
    def test_every_answer_has_them(self, path: str) -> None:
        answer = get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "camera=()" in answer["Permissions-Policy"]
        assert answer["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in answer

    def test_a_candidates_address_is_told_to_nobody(self) -> None:
        assert get("/i/token")["Referrer-Policy"] == "no-referrer"
        assert get("/i/token/missing")["Referrer-Policy"] == "no-referrer"
        assert get("/")["Referrer-Policy"] == "same-origin"

    def test_https_is_kept_to_where_there_is_https(self) -> None:
        assert "max-age=63072000" in get("/")["Strict-Transport-Security"]
        assert "Strict-Transport-Security" not in get("/", "http://localhost:8000")

    def test_what_is_ours_to_keep_may_be_kept(self) -> None:
        assert "no-store" not in get("/static/favicon.svg").get("Cache-Control", "")


def app_at(public_url: str) -> Flask:
    app = Flask(__name__)
    headers.set_headers(app, public_url=public_url, issuer_origin=ISSUER)

    @app.before_request
    def refuse() -> None:
        from flask import request

        if request.path == "/refused":
            abort(400)

    @app.get("/")
    @app.get("/i/token", endpoint="candidate")
    def page() -> str:
        return headers.nonce()

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError

    @app.get("/own-policy")
    def own_policy() -> tuple[str, dict[str, str]]:
        return "", {"Content-Security-Policy": "sandbox"}

    @app.errorhandler(HTTPException)
    def error(problem: HTTPException) -> tuple[str, int]:
        return headers.nonce(), problem.code or 500

    return app
