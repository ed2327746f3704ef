from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import google.auth.jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.credentials import Credentials
from werkzeug.wrappers import Response

from scheduler.google.client import Google
from scheduler.google.credentials import (
    SCOPES,
    AccessTokens,
    from_refresh_token,
    from_service_account_file,
)
from scheduler.google.errors import GoogleError, NotConnected, RateLimited, Unreachable
from scheduler.google.transport import ForeignAddress
from tests.google.canned import (
    ENDPOINT,
    TOKEN_URI,
    Canned,
    Clock,
    answer,
    credentials,
    google_at,
    page,
    refusal,
)
from tests.google.wsgi_http import WsgiHttp

EVENT = {"id": "abc123", "etag": '"1"'}
REVOKED = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}


def read_event(google: Google) -> dict[str, object]:
    return google.execute(google.calendar.events().get(calendarId="loops", eventId="abc123"))


def test_one_token_serves_many_requests() -> None:
    app = Canned([answer(EVENT), answer(EVENT), answer(EVENT)])
    google = google_at(app)
    for _ in range(3):
        read_event(google)
    assert app.tokens_given == 1
    assert app.grants[0] == {
        "grant_type": "refresh_token",
        "client_id": "greenroom",
        "client_secret": "s3cret",
        "refresh_token": "refresh",
        "scope": " ".join(SCOPES),
    }


def test_a_token_is_renewed_before_it_runs_out() -> None:
    app = Canned([answer(EVENT), answer(EVENT)], expires_in=60)
    google = google_at(app)
    read_event(google)
    read_event(google)
    assert app.tokens_given == 2


def test_threads_that_find_the_token_dead_fetch_one_new_token() -> None:
    class Slow(WsgiHttp):
        def request(self, *args: object, **more: object):  # type: ignore[no-untyped-def]
            time.sleep(0.02)
            return super().request(*args, **more)  # type: ignore[arg-type]

    app = Canned([])
    http = Slow(app)
    tokens = AccessTokens(credentials)
    dead = tokens.current(http)
    fetched: list[str] = []
    threads = [
        threading.Thread(target=lambda: fetched.append(tokens.instead_of(dead, http)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dead == "token-1"
    assert fetched == ["token-2"] * 8
    assert app.tokens_given == 2


def test_a_revoked_connection_is_reported_with_googles_word() -> None:
    app = Canned([], token_answers=[answer(REVOKED, 400)])
    with pytest.raises(NotConnected) as error:
        read_event(google_at(app))
    assert error.value.reason == "invalid_grant"
    assert app.asked == []


@pytest.mark.parametrize(
    ("trouble", "meaning"),
    [
        (lambda: answer({"error": "internal_failure"}, 500), Unreachable),
        (lambda: refusal(503, "backendError"), Unreachable),
        (lambda: page(502), Unreachable),
        (lambda: page(400), Unreachable),
        (lambda: page(200), Unreachable),
        (lambda: answer({}), Unreachable),
        (lambda: answer("", 302), Unreachable),
        (lambda: answer({"access_token": None}), Unreachable),
        (lambda: answer({"access_token": "x", "expires_in": "soon"}), Unreachable),
        (lambda: answer({"error": "slow_down"}, 429, Retry_After="99"), RateLimited),
        (lambda: answer({"error": "invalid_client"}, 401), NotConnected),
        (lambda: answer({"error": "unauthorized_client"}, 400), NotConnected),
        (lambda: answer({"error": "invalid_scope"}, 400), NotConnected),
    ],
)
def test_each_answer_of_the_token_endpoint_has_one_meaning(
    trouble: object, meaning: type[GoogleError]
) -> None:
    assert callable(trouble)
    app = Canned([], token_answers=[trouble() for _ in range(5)])
    with pytest.raises(GoogleError) as error:
        read_event(google_at(app))
    assert type(error.value) is meaning


def test_an_outage_of_the_token_endpoint_passes_without_google_auth_sleeping() -> None:
    app = Canned([answer(EVENT)], token_answers=[page(503), page(503)])
    clock = Clock()
    began = time.monotonic()
    assert read_event(google_at(app, clock)) == EVENT
    assert clock.slept == [0.5, 1]
    assert time.monotonic() - began < 0.5


def test_an_account_that_was_connected_anew_is_taken_up() -> None:
    connected = ["first"]
    app = Canned([answer(EVENT), refusal(401, "authError"), answer(EVENT)])
    http = WsgiHttp(app)
    google = Google(ENDPOINT, lambda: connection_of(connected[0]), http_factory=lambda: http)
    read_event(google)
    connected[0] = "second"
    app.token_answers.append(answer(REVOKED, 400))
    read_event(google)
    assert [grant["refresh_token"] for grant in app.grants] == ["first", "first", "second"]


def connection_of(refresh_token: str) -> Credentials:
    return credentials(refresh_token)


def test_nobody_connected_is_a_fact_of_its_own_and_asked_again_next_time() -> None:
    asked = []

    def nobody() -> Credentials:
        asked.append("who are we?")
        raise NotConnected("no account is connected")

    app = Canned([])
    google = Google(ENDPOINT, nobody, http_factory=lambda: WsgiHttp(app))
    for _ in range(2):
        with pytest.raises(NotConnected):
            read_event(google)
    assert len(asked) == 2


def test_credentials_show_no_secret_when_printed() -> None:
    shown = repr(
        from_refresh_token("hush", client_id="c", client_secret="psst", token_uri=TOKEN_URI)
    )
    assert "hush" not in shown
    assert "psst" not in shown


def test_we_ask_for_no_more_than_the_calendars_we_make_and_free_busy() -> None:
    assert {scope.rsplit("/", 1)[1] for scope in SCOPES} == {
        "calendar.app.created",
        "calendar.freebusy",
    }


def test_a_service_account_speaks_as_the_scheduling_account(key_file: Path) -> None:
    app = Canned([answer(EVENT), answer(EVENT)])
    http = WsgiHttp(app)
    client = Google(
        ENDPOINT,
        lambda: from_service_account_file(key_file, subject="scheduling@acme.example"),
        http_factory=lambda: http,
    )
    read_event(client)
    read_event(client)
    assert len(app.grants) == 1
    claims = google.auth.jwt.decode(app.grants[0]["assertion"], verify=False)  # type: ignore[no-untyped-call]
    assert claims["iss"] == "greenroom@project.iam.gserviceaccount.com"
    assert claims["sub"] == "scheduling@acme.example"
    assert claims["scope"] == " ".join(SCOPES)
    assert {sent.path for sent in http.sent} == {
        "/token",
        "/calendar/v3/calendars/loops/events/abc123",
    }


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"type": "service_account"}'])
def test_a_key_file_that_is_none_means_not_connected(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(NotConnected):
        from_service_account_file(path, subject="scheduling@acme.example")


def test_a_key_file_that_is_missing_means_not_connected(tmp_path: Path) -> None:
    with pytest.raises(NotConnected):
        from_service_account_file(tmp_path / "none.json", subject="scheduling@acme.example")


def test_credentials_reach_their_token_endpoint_and_nothing_else() -> None:
    class Wandering(Credentials):
        token_uri = TOKEN_URI

        def refresh(self, request: Callable[[str], object]) -> None:
            request("http://metadata.evil.test/")

    http = WsgiHttp(Canned([]))
    with pytest.raises(ForeignAddress):
        AccessTokens(Wandering).current(http)
    assert http.sent == []


def test_the_token_endpoint_sends_nobody_elsewhere() -> None:
    app = Canned([], token_answers=[Response("", 302, {"Location": "http://evil.test/"})] * 5)
    http = WsgiHttp(app)
    with pytest.raises(Unreachable):
        read_event(google_at(app, http=http))
    assert {sent.uri for sent in http.sent} == {TOKEN_URI}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "key.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": "greenroom@project.iam.gserviceaccount.com",
                "private_key_id": "k1",
                "private_key": pem.decode(),
                "token_uri": TOKEN_URI,
            }
        )
    )
    path.chmod(0o600)
    return path
