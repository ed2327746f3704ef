"""Independent clients sign in over a real port: Authlib, google-auth, google-auth-oauthlib."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth.exceptions
import google.auth.impersonated_credentials
import google.auth.transport.requests
import google.oauth2.credentials
import google.oauth2.service_account
import google_auth_oauthlib.flow  # type: ignore[import-untyped]
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from joserfc import jwt
from joserfc.jwk import KeySet

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, PRIYA
from tests.emulator.oauth_client import (
    CALENDAR,
    CALLBACK,
    FREE_BUSY,
    ROBOT,
    USERINFO_EMAIL,
    bearer,
    robots_key,
)
from tests.emulator.serving import serving

# google-auth has annotations for some of its functions only.
AuthorizedSession: Any = google.auth.transport.requests.AuthorizedSession
UserCredentials: Any = google.oauth2.credentials.Credentials
ServiceCredentials: Any = google.oauth2.service_account.Credentials
ImpersonatedCredentials: Any = google.auth.impersonated_credentials.Credentials

KEYLESS = "keyless@project.iam.gserviceaccount.com"
SECONDS = 10


@dataclass(frozen=True)
class Served:
    """An emulator on a port."""

    url: str
    emulator: Emulator

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=SECONDS).json()

    def agree(self, authorize_url: str, email: str = PRIYA) -> str:
        """Choose an account; return where the browser is sent."""
        query = parse_qs(urlsplit(authorize_url).query)
        form = {name: values[0] for name, values in query.items()} | {"account": email}
        answer = requests.post(
            f"{self.url}/authorize", data=form, allow_redirects=False, timeout=SECONDS
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def calendar(self, credentials: Any) -> int:
        """Return the status of a call with google-auth's credentials."""
        session = AuthorizedSession(credentials, auth_request=self.request())
        answer = session.get(f"{self.url}/calendar/v3/users/me/calendarList", timeout=SECONDS)
        return int(answer.status_code)

    def request(self) -> Any:
        """Return google-auth's way to send requests; Google's own hosts lead here."""
        session = requests.Session()
        for host in ("iamcredentials", "oauth2"):
            session.mount(f"https://{host}.googleapis.com/", Detour(self.url))
        return google.auth.transport.requests.Request(session)

    def owner(self, credentials: Any) -> str:
        """Return whose access token credentials hold."""
        told = self.get(f"/tokeninfo?access_token={credentials.token}")
        row = self.emulator.world.store.one(
            "SELECT email FROM token WHERE secret = ?", credentials.token
        )
        assert row is not None
        assert told["aud"] == "greenroom"
        return str(row["email"])


class Detour(requests.adapters.HTTPAdapter):
    """Lead requests elsewhere, path and all: what a proxy in front of the client would do."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.url = self._url + request.path_url
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as (url, emulator):
        private, public = robots_key()
        assert private
        emulator.add_service_account(ROBOT, public, [CALENDAR])
        emulator.add_service_account(KEYLESS, "", [CALENDAR], token_creators=[ROBOT])
        yield Served(url, emulator)


@pytest.fixture
def authlib(served: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")

    def session(scope: str, method: str = "client_secret_basic") -> Any:
        return OAuth2Session(
            "greenroom",
            "shh",
            scope=scope,
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
        )

    return session


class TestAuthlib:
    VERIFIER = "x" * 43

    def signed_in(self, served: Served, session: Any, **asked: str) -> Any:
        about = served.get("/.well-known/openid-configuration")
        url, state = session.create_authorization_url(
            about["authorization_endpoint"], code_verifier=self.VERIFIER, **asked
        )
        return session.fetch_token(
            about["token_endpoint"],
            authorization_response=served.agree(url),
            state=state,
            code_verifier=self.VERIFIER,
        )

    @pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
    def test_it_signs_in_refreshes_and_revokes(
        self, served: Served, authlib: Callable[..., Any], method: str
    ) -> None:
        session = authlib("openid email profile", method)
        about = served.get("/.well-known/openid-configuration")
        token = self.signed_in(served, session, nonce="n", access_type="offline", prompt="consent")
        keys = KeySet.import_key_set(served.get("/certs"))
        told = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        assert (told["iss"], told["nonce"], told["email"]) == (served.url, "n", PRIYA)
        who = session.get(about["userinfo_endpoint"]).json()
        assert (who["sub"], who["email"]) == (told["sub"], PRIYA)
        fresh = session.refresh_token(about["token_endpoint"], token["refresh_token"])
        assert fresh["access_token"] != token["access_token"]
        revoked = session.revoke_token(about["revocation_endpoint"], token["refresh_token"])
        assert revoked.status_code == 200
        with pytest.raises(OAuthError) as refused:
            session.refresh_token(about["token_endpoint"], token["refresh_token"])
        assert refused.value.error == "invalid_grant"
        assert refused.value.description == "Token has been expired or revoked."

    def test_it_hears_why_a_code_is_refused(
        self, served: Served, authlib: Callable[..., Any]
    ) -> None:
        session = authlib("openid")
        url, state = session.create_authorization_url(
            f"{served.url}/authorize", code_verifier=self.VERIFIER
        )
        back = served.agree(url)

        def exchange(verifier: str) -> Any:
            return session.fetch_token(
                f"{served.url}/token",
                authorization_response=back,
                state=state,
                code_verifier=verifier,
            )

        with pytest.raises(OAuthError) as refused:
            exchange("y" * 43)
        assert (refused.value.error, refused.value.description) == (
            "invalid_grant",
            "Invalid code verifier.",
        )
        assert exchange(self.VERIFIER)["token_type"] == "Bearer"

    def test_it_adds_scopes_up(self, served: Served, authlib: Callable[..., Any]) -> None:
        self.signed_in(served, authlib("openid email"))
        more = self.signed_in(served, authlib(FREE_BUSY), include_granted_scopes="true")
        assert {"openid", USERINFO_EMAIL, FREE_BUSY} <= set(more["scope"].split())


class TestGoogleAuth:
    def user(self, served: Served, refresh_token: str) -> Any:
        return UserCredentials(
            None,
            refresh_token=refresh_token,
            client_id="greenroom",
            client_secret="shh",
            token_uri=f"{served.url}/token",
            scopes=[CALENDAR],
        )

    def robot(self, served: Served, **given: Any) -> Any:
        private, _ = robots_key()
        file = {
            "type": "service_account",
            "client_email": ROBOT,
            "private_key": private,
            "private_key_id": "1",
            "token_uri": f"{served.url}/token",
        }
        given = {"scopes": [CALENDAR], **given}
        return ServiceCredentials.from_service_account_info(file, **given)

    def test_a_users_credentials_renew_themselves_until_revoked(self, served: Served) -> None:
        token = served.emulator.issue_refresh_token(ADA, ["calendar"])
        credentials = self.user(served, token)
        assert served.calendar(credentials) == 200
        assert credentials.granted_scopes == [CALENDAR]
        served.emulator.revoke_all(ADA)
        calendars = f"{served.url}/calendar/v3/users/me/calendarList"
        dead = requests.get(calendars, headers=bearer(credentials.token), timeout=SECONDS)
        assert dead.status_code == 401
        with pytest.raises(google.auth.exceptions.RefreshError) as refused:
            credentials.refresh(served.request())
        assert refused.value.args[1] == {
            "error": "invalid_grant",
            "error_description": "Token has been expired or revoked.",
        }

    def test_a_service_account_acts_for_a_user(self, served: Served) -> None:
        credentials = self.robot(served, subject=PRIYA)
        assert served.calendar(credentials) == 200
        assert served.owner(credentials) == PRIYA

    def test_without_a_subject_it_acts_for_itself(self, served: Served) -> None:
        for subject in (None, ROBOT):
            credentials = self.robot(served, subject=subject)
            credentials.refresh(served.request())
            assert served.owner(credentials) == ROBOT

    @pytest.mark.parametrize(
        ("given", "error"),
        [
            ({"subject": PRIYA, "scopes": [FREE_BUSY]}, "unauthorized_client"),
            ({"subject": ADA}, "invalid_grant"),
            ({"subject": PRIYA, "scopes": []}, "invalid_scope"),
        ],
    )
    def test_delegation_has_its_limits(
        self, served: Served, given: dict[str, Any], error: str
    ) -> None:
        with pytest.raises(google.auth.exceptions.RefreshError) as refused:
            self.robot(served, **given).refresh(served.request())
        assert refused.value.args[1]["error"] == error

    def keyless(self, served: Served, source: Any, **given: Any) -> Any:
        given = {"target_principal": KEYLESS, "target_scopes": [CALENDAR], **given}
        return ImpersonatedCredentials(source_credentials=source, subject=PRIYA, **given)

    def test_keyless_delegation_has_google_sign(self, served: Served) -> None:
        credentials = self.keyless(served, self.robot(served))
        credentials.refresh(served.request())
        assert served.owner(credentials) == PRIYA
        assert served.calendar(credentials) == 200

    def test_only_token_creators_may_have_google_sign(self, served: Served) -> None:
        for unknown in (ROBOT, "nobody@project.iam.gserviceaccount.com"):
            credentials = self.keyless(served, self.robot(served), target_principal=unknown)
            with pytest.raises(google.auth.exceptions.RefreshError) as refused:
                credentials.refresh(served.request())
            assert "iam.serviceAccounts.signJwt" in refused.value.args[1]

    def test_delegates_hand_the_right_on(self, served: Served) -> None:
        far = "far@project.iam.gserviceaccount.com"
        served.emulator.add_service_account(far, "", [CALENDAR], token_creators=[KEYLESS])
        source = self.robot(served)
        through = self.keyless(
            served,
            source,
            target_principal=far,
            delegates=[f"projects/-/serviceAccounts/{KEYLESS}"],
        )
        through.refresh(served.request())
        assert served.owner(through) == PRIYA
        with pytest.raises(google.auth.exceptions.RefreshError):
            self.keyless(served, source, target_principal=far).refresh(served.request())

    def test_signing_needs_a_scope_and_claims(self, served: Served) -> None:
        def sign(*scopes: str, payload: str) -> requests.Response:
            token = served.emulator.issue_access_token(ROBOT, scopes)
            return requests.post(
                f"{served.url}/v1/projects/-/serviceAccounts/{KEYLESS}:signJwt",
                json={"payload": payload},
                headers=bearer(token),
                timeout=SECONDS,
            )

        assert sign("cloud-platform", payload="{}").json()["signedJwt"].count(".") == 2
        assert sign("calendar", payload="{}").json()["error"]["code"] == 403
        for payload in ("", "[]", "no JSON"):
            assert sign("iam", payload=payload).json()["error"]["status"] == "INVALID_ARGUMENT"
        nobody = requests.post(
            f"{served.url}/v1/projects/-/serviceAccounts/{KEYLESS}:signJwt",
            json={},
            timeout=SECONDS,
        )
        assert nobody.status_code == 401


def test_google_auth_oauthlib_signs_in_unchanged(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    web = {
        "client_id": "greenroom",
        "client_secret": "shh",
        "auth_uri": f"{served.url}/authorize",
        "token_uri": f"{served.url}/token",
    }
    flow = google_auth_oauthlib.flow.Flow.from_client_config(
        {"web": web},
        scopes=["openid", USERINFO_EMAIL, CALENDAR],
        redirect_uri=CALLBACK,
        autogenerate_code_verifier=True,
    )
    url, _ = flow.authorization_url(access_type="offline", prompt="consent")
    flow.fetch_token(authorization_response=served.agree(url))
    credentials = flow.credentials
    assert credentials.refresh_token
    assert set(credentials.granted_scopes) == {"openid", USERINFO_EMAIL, CALENDAR}
    assert served.calendar(credentials) == 200
    credentials.refresh(served.request())
    assert served.calendar(credentials) == 200
