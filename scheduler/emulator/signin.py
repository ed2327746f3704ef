"""The issuer over HTTP: discovery, the consent page, token, userinfo, tokeninfo, revocation, signJwt."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    session,
)
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator import delegation, errors, signing, tokeninfo, tokens
from scheduler.emulator.authorization import (
    PARAMETERS,
    answering_silently,
    asked_for,
    hinted,
    offered,
)
from scheduler.emulator.calls import body, world
from scheduler.emulator.errors import Refused
from scheduler.emulator.identity import claims_of
from scheduler.emulator.looks import page_headers
from scheduler.emulator.oauth import Issuer
from scheduler.emulator.oauth_errors import Refusal, in_googles_words
from scheduler.emulator.scopes import opens_iam

signin = Blueprint("signin", __name__)

_CERTS_CACHED_SECONDS = 5 * 3600
_SIGNED_IN = "signed in"


@signin.record
def _open(state: BlueprintSetupState) -> None:
    here = state.app.extensions["emulator"].world
    state.app.extensions["issuer"] = Issuer(here)
    # Cookies are shared by all ports of a host: two emulators must not share this one.
    state.app.secret_key = here.store.secret("cookies")
    state.app.config["SESSION_COOKIE_NAME"] = f"emulator_{urlsplit(here.settings.base_url).port}"
    state.app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


def issuer() -> Any:
    """Return the running `Issuer`. The stubs of Authlib do not say what it answers with."""
    return current_app.extensions["issuer"]


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
            "authorization_response_iss_parameter_supported": True,
        }
    )  # fmt: skip


@signin.get("/certs")
def certs() -> Response:
    response = jsonify(signing.key_set(world()))
    response.headers["Cache-Control"] = f"public, max-age={_CERTS_CACHED_SECONDS}"
    return response


@signin.get("/authorize")
def authorize() -> AnyResponse:
    here = world()
    try:
        grant = issuer().get_consent_grant()
    except OAuth2Error as error:
        return _not_even_asked(error)
    asked = asked_for(request.args)
    if "none" in asked.prompts:
        somebody = answering_silently(here, asked, session.get(_SIGNED_IN, []))
        return _answer(somebody, grant)
    accounts = offered(here, asked)
    meant = hinted(here, asked, accounts) if asked.login_hint else None
    shown = sorted(accounts, key=lambda account: account != meant)
    if meant is not None and "select_account" not in asked.prompts:
        shown = [meant]
    redirect_uri = request.args["redirect_uri"]
    page = render_template(
        "consent.html",
        accounts=shown,
        meant=meant,
        others=f"/authorize?{urlencode({**request.args.to_dict(), 'login_hint': ''})}",
        asked={name: request.args[name] for name in PARAMETERS if name in request.args},
        scopes=sorted(asked.scopes),
        is_offline=asked.is_offline,
        client=urlsplit(redirect_uri).netloc,
    )
    # The answer to the form leads to the client, and browsers hold form-action against redirects.
    return page_headers(make_response(page), forms_to=_origin(redirect_uri))


@signin.post("/authorize")
def consent() -> AnyResponse:
    here = world()
    try:
        grant = issuer().get_consent_grant()
    except OAuth2Error as error:
        return _not_even_asked(error)
    if request.form.get("decision") == "deny":
        return _answer(None, grant)
    account = here.account(request.form.get("account", ""))
    if account is None or account.kind == "room":
        return _problem(400, "No such account.")
    others = [email for email in session.get(_SIGNED_IN, []) if email != account.email]
    session[_SIGNED_IN] = [account.email, *others]
    return _answer(account, grant)


@signin.post("/token")
def token() -> AnyResponse:
    with world().store.transaction():
        response: Response = issuer().create_token_response()
    return response


@signin.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    here = world()
    try:
        who = tokens.principal(here, _bearer())
    except Refused:
        who = None
    account = here.account(who.email) if who else None
    if who is None or account is None or not tokeninfo.is_about_a_person(who.scopes):
        # Not the envelope of Google's other interfaces.
        raise Refusal("invalid_request", "Invalid Credentials", 401)
    return jsonify(claims_of(here, account, who.scopes))


@signin.route("/tokeninfo", methods=["GET", "POST"])
def about_token() -> Response:
    return jsonify(tokeninfo.about(world(), request.values))


@signin.route("/revoke", methods=["GET", "POST"])
def revoke() -> AnyResponse:
    response: Response = issuer().create_endpoint_response("revocation")
    return response


@signin.post("/v1/projects/-/serviceAccounts/<email>:signJwt")
def sign_jwt(email: str) -> Response:
    here = world()
    who = tokens.principal(here, _bearer())
    if not opens_iam(who.scopes):
        raise errors.insufficient_scopes({"service": "iamcredentials.googleapis.com"})
    claims, delegates = delegation.asked_to_sign(body())
    if not delegation.may_sign(here, who.email, delegates, email):
        raise Refused(
            403,
            "forbidden",
            "Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist).",
            status="PERMISSION_DENIED",
        )
    key_id, signed = delegation.sign_jwt(here, email, claims)
    return jsonify({"keyId": key_id, "signedJwt": signed})


@signin.errorhandler(OAuth2Error)
def _refused(error: OAuth2Error) -> tuple[Response, int]:
    return _told(in_googles_words(error))


def _answer(account: object, grant: object) -> AnyResponse:
    response: Response = issuer().create_authorization_response(grant_user=account, grant=grant)
    return response


def _not_even_asked(error: OAuth2Error) -> AnyResponse:
    """Show a request that makes no sense to the person in front of it; Google sends nobody back."""
    refusal = in_googles_words(error)
    text = f"Error {refusal.status_code}: {refusal.error}. {refusal.description}"
    return _problem(refusal.status_code, text)


def _problem(code: int, text: str) -> AnyResponse:
    page = make_response(render_template("problem.html", code=code, text=text), code)
    return page_headers(page)


def _told(refusal: Refusal) -> tuple[Response, int]:
    said = {"error": refusal.error, "error_description": refusal.description}
    return jsonify(said), refusal.status_code


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else request.values.get("access_token", "")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
