"""The issuer over HTTP: discovery, the consent page, token, userinfo, revocation."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator import oauth
from scheduler.emulator.calls import world
from scheduler.emulator.company import Account
from scheduler.emulator.errors import Refused
from scheduler.emulator.looks import page_headers
from scheduler.emulator.oauth import AuthRequest, OAuthError
from scheduler.emulator.world import World

signin = Blueprint("signin", __name__)


class PageRefused(Exception):
    """The authorization request cannot even be sent back to the client."""


@signin.get("/.well-known/openid-configuration")
def discovery() -> Response:
    base = world().settings.base_url
    return jsonify(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "revocation_endpoint": f"{base}/revoke",
            "jwks_uri": f"{base}/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                "aud", "email", "email_verified", "exp", "family_name", "given_name", "hd", "iat",
                "iss", "name", "picture", "sub",
            ],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
        }
    )  # fmt: skip


@signin.get("/certs")
def certs() -> Response:
    return jsonify(oauth.jwks(world()))


@signin.get("/authorize")
def authorize() -> AnyResponse:
    here = world()
    try:
        asked = _asked(here, request.args.to_dict())
    except PageRefused as refusal:
        return make_response(render_template("problem.html", code=400, text=str(refusal)), 400)
    except OAuthError as refusal:
        return _back(
            request.args.get("redirect_uri", ""),
            {"error": refusal.error, "state": request.args.get("state", "")},
        )
    if asked.prompt == "none":
        return _back(asked.redirect_uri, {"error": "interaction_required", "state": asked.state})
    accounts = _offered(here, asked)
    hinted = [account for account in accounts if account.email == asked.login_hint.lower()]
    others = {**request.args.to_dict(), "login_hint": ""}
    page = render_template(
        "consent.html",
        accounts=hinted or accounts,
        is_hinted=bool(hinted),
        others=f"/authorize?{urlencode(others)}",
        asked=asdict(asked),
        client_id=here.settings.client_id,
        scopes=asked.scope.split(),
        client=urlsplit(asked.redirect_uri).netloc,
    )
    # The answer to the form leads to the client, and browsers hold form-action against redirects.
    return page_headers(make_response(page), forms_to=_origin(asked.redirect_uri))


@signin.post("/authorize")
def consent() -> AnyResponse:
    here = world()
    try:
        asked = _asked(here, request.form.to_dict())
    except (PageRefused, OAuthError) as refusal:
        return make_response(render_template("problem.html", code=400, text=str(refusal)), 400)
    if request.form.get("decision") == "deny":
        return _back(asked.redirect_uri, {"error": "access_denied", "state": asked.state})
    account = here.account(request.form.get("account", ""))
    if account is None or account.kind == "room":
        return make_response(
            render_template("problem.html", code=400, text="No such account."), 400
        )
    code = oauth.make_code(here, account, asked)
    answer = {"state": asked.state, "code": code, "scope": asked.scope, "authuser": "0"}
    answer |= {"hd": account.hd} if account.hd else {}
    return _back(asked.redirect_uri, answer | {"prompt": "consent"})


@signin.post("/token")
def token() -> tuple[Response, int] | Response:
    basic = None
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("basic "):
        try:
            name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
            basic = (unquote(name), unquote(secret))
        except (binascii.Error, UnicodeDecodeError):
            basic = ("", "")
    try:
        answer = oauth.answer_token_request(world(), request.form.to_dict(), basic)
    except OAuthError as refusal:
        response = jsonify({"error": refusal.error, "error_description": refusal.description})
        return response, refusal.status
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-cache, no-store, max-age=0, must-revalidate"
    response.headers["Pragma"] = "no-cache"
    return response


@signin.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    here = world()
    bearer = request.headers.get("Authorization", "").partition(" ")[2]
    who = oauth.principal(here, bearer or request.args.get("access_token", ""))
    account = here.account(who.email)
    if account is None:
        raise Refused(401, "authError", "Invalid Credentials")
    return jsonify(oauth.visible_claims(here, account, who.scopes))


@signin.route("/revoke", methods=["GET", "POST"])
def revoke() -> tuple[Response, int] | Response:
    try:
        oauth.revoke(world(), request.values.get("token", ""))
    except OAuthError as refusal:
        return jsonify({"error": refusal.error, "error_description": refusal.description}), 400
    return jsonify({})


def _asked(here: World, given: dict[str, str]) -> AuthRequest:
    """Return the authorization request; refuse on our own page what must not be sent back."""
    if given.get("client_id") != here.settings.client_id:
        raise PageRefused("Error 401: invalid_client. The OAuth client was not found.")
    redirect_uri = given.get("redirect_uri", "")
    if redirect_uri not in here.settings.allowed_redirects:
        raise PageRefused(
            f"Error 400: redirect_uri_mismatch. {redirect_uri or 'No address'} is not registered."
        )
    if given.get("response_type", "code") != "code":
        raise OAuthError("unsupported_response_type", "Only response_type=code is offered.")
    if not given.get("scope"):
        raise OAuthError("invalid_request", "Missing required parameter: scope")
    method = given.get("code_challenge_method", "")
    if method not in ("", "S256", "plain"):
        raise OAuthError("invalid_request", "Invalid code_challenge_method")
    return AuthRequest(
        redirect_uri=redirect_uri,
        scope=given["scope"],
        state=given.get("state", ""),
        nonce=given.get("nonce", ""),
        code_challenge=given.get("code_challenge", ""),
        code_challenge_method=method,
        login_hint=given.get("login_hint", ""),
        prompt=given.get("prompt", ""),
        access_type=given.get("access_type", "online"),
        include_granted_scopes=given.get("include_granted_scopes", "").lower() == "true",
        hd=given.get("hd", ""),
    )


def _offered(here: World, asked: AuthRequest) -> list[Account]:
    """Return the accounts to choose from; `hd` narrows them to a domain ("*": any Workspace)."""
    people = [account for account in here.accounts() if account.kind != "room"]
    if asked.hd == "*":
        return [account for account in people if account.hd]
    return [account for account in people if not asked.hd or account.hd == asked.hd]


def _back(redirect_uri: str, answer: dict[str, str]) -> AnyResponse:
    parts = urlsplit(redirect_uri)
    kept = parse_qsl(parts.query)
    query = urlencode([*kept, *((name, value) for name, value in answer.items() if value)])
    return redirect(
        urlunsplit(parts._replace(query=query)), 303 if request.method == "POST" else 302
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
