"""A Google that answers what a test tells it to, for the shapes no emulator should have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from werkzeug.wrappers import Request, Response

from scheduler.google.client import Google
from scheduler.google.credentials import from_refresh_token
from tests.google.wsgi_http import WsgiHttp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from google.auth.credentials import Credentials

ROOT = "http://google.test"
ENDPOINT = f"{ROOT}/calendar/v3/"
TOKEN_URI = f"{ROOT}/token"


def answer(body: object, status: int = 200, **headers: str) -> Response:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text, status, named, content_type="application/json")


def refusal(
    status: int, reason: str, message: str = "No.", domain: str = "global", **headers: str
) -> Response:
    """An error body as Google writes it."""
    entry = {"domain": domain, "reason": reason, "message": message}
    error = {"code": status, "message": message, "errors": [entry]}
    return answer({"error": error}, status, **headers)


def page(status: int) -> Response:
    """What a proxy in between would say."""
    return Response("<html><h1>Sorry</h1></html>", status, content_type="text/html")


@dataclass
class Canned:
    """Answers API requests with `answers` in order, and token requests with a new token each."""

    answers: list[Response]
    token_answers: list[Response] = field(default_factory=list)
    """What the token endpoint says before it begins to give tokens."""
    asked: list[str] = field(default_factory=list)
    tokens_given: int = 0
    grants: list[dict[str, str]] = field(default_factory=list)
    expires_in: object = 3600

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        answers = self._token(request) if request.path == "/token" else self._api(request)
        return answers(environ, start_response)

    def _token(self, request: Request) -> Response:
        form = parse_qs(request.get_data(as_text=True))
        self.grants.append({name: values[0] for name, values in form.items()})
        if self.token_answers:
            return self.token_answers.pop(0)
        self.tokens_given += 1
        token = {"access_token": f"token-{self.tokens_given}", "token_type": "Bearer"}
        return answer({**token, "expires_in": self.expires_in})

    def _api(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.path} {request.authorization}")
        return self.answers.pop(0)


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


def credentials(refresh_token: str = "refresh") -> Credentials:  # noqa: S107
    return from_refresh_token(
        refresh_token, client_id="greenroom", client_secret="s3cret", token_uri=TOKEN_URI
    )


def google_at(
    app: Canned, clock: Clock | None = None, *, luck: float = 1.0, http: WsgiHttp | None = None
) -> Google:
    """A client of `app`. `luck` is what every throw of the dice gives."""
    clock = clock or Clock()
    http = http or WsgiHttp(app)
    return Google(
        ENDPOINT,
        credentials,
        http_factory=lambda: http,
        sleep=clock.sleep,
        random=lambda: luck,
        monotonic=clock.monotonic,
    )
