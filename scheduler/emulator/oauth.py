"""The issuer's rules: codes, tokens, keys, consent; OAuth 2.0 and OpenID Connect as Google runs them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from scheduler.emulator import errors
from scheduler.emulator.company import Account
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

ACCESS_SECONDS = 3599
CODE_SECONDS = 600
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_IDENTITY = {"openid", "email", "profile"}
_LONG_NAMES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
_KEY_BITS = 2048


class OAuthError(Exception):
    """Refused by the token endpoint: {"error", "error_description"} with HTTP 400 or 401."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRequest:
    """What a client asked for at the authorization endpoint."""

    redirect_uri: str
    scope: str
    state: str = ""
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    login_hint: str = ""
    prompt: str = ""
    access_type: str = "online"
    include_granted_scopes: bool = False
    hd: str = ""


def make_code(world: World, account: Account, asked: AuthRequest) -> str:
    """Return a code, good once and for ten minutes, that remembers what was asked."""
    code = "4/0" + secrets.token_urlsafe(40)
    scopes = set(asked.scope.split())
    if asked.include_granted_scopes:
        scopes |= granted_scopes(world, account.email)
    body = {
        "redirect_uri": asked.redirect_uri,
        "nonce": asked.nonce,
        "challenge": asked.code_challenge,
        "method": asked.code_challenge_method or ("plain" if asked.code_challenge else ""),
        "offline": asked.access_type == "offline",
        "consent": asked.prompt == "consent",
    }
    _save(world, code, "code", account.email, scopes, CODE_SECONDS, secrets.token_hex(8), body)
    return code


def granted_scopes(world: World, email: str) -> set[str]:
    """Return what somebody has ever agreed to (incremental authorization)."""
    rows = world.store.all(
        "SELECT scopes FROM token WHERE email = ? AND kind IN ('refresh', 'access')", email
    )
    return {scope for row in rows for scope in str(row["scopes"]).split()}


def answer_token_request(
    world: World, form: dict[str, str], basic: tuple[str, str] | None
) -> dict[str, Any]:
    """Return the token endpoint's JSON for one of the three grants, or raise OAuthError."""
    grant = form.get("grant_type", "")
    with world.store.transaction():
        if grant == _JWT_BEARER:
            return _service_account(world, form)
        _check_client(world, form, basic)
        if grant == "authorization_code":
            return _exchange(world, form)
        if grant == "refresh_token":
            return _refresh(world, form)
    raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant}")


def principal(world: World, bearer: str) -> Principal:
    """Return who an access token stands for, or refuse it with 401 authError."""
    row = world.store.one("SELECT * FROM token WHERE secret = ? AND kind = 'access'", bearer)
    if row is None or row["expires_at"] <= world.now().timestamp():
        raise errors.auth_error()
    body = json.loads(row["body"])
    return Principal(
        email=row["email"],
        scopes=frozenset(str(row["scopes"]).split()),
        is_bare_service_account=bool(body.get("bare")),
    )


def issue_access_token(
    world: World, email: str, scopes: set[str], grant_id: str = "", *, bare: bool = False
) -> str:
    """Return a new access token, good for an hour."""
    token = "ya29." + secrets.token_urlsafe(48)
    _save(
        world,
        token,
        "access",
        email,
        scopes,
        ACCESS_SECONDS,
        grant_id,
        {"bare": bare} if bare else {},
    )
    return token


def issue_refresh_token(world: World, email: str, scopes: set[str], grant_id: str = "") -> str:
    """Return a new refresh token, good until it is revoked."""
    token = "1//0" + secrets.token_urlsafe(48)
    _save(world, token, "refresh", email, scopes, None, grant_id or secrets.token_hex(8), {})
    return token


def revoke(world: World, token: str) -> None:
    """Revoke a token and everything of the same grant ("invalid_token" when unknown)."""
    row = world.store.one("SELECT grant_id FROM token WHERE secret = ?", token)
    if row is None:
        raise OAuthError("invalid_token", "Token expired or revoked")
    world.store.run("DELETE FROM token WHERE secret = ?", token)
    if row["grant_id"]:
        world.store.run("DELETE FROM token WHERE grant_id = ?", row["grant_id"])


def revoke_all(world: World, email: str) -> None:
    """Take away every token of an account, as a password change does."""
    world.store.run("DELETE FROM token WHERE email = ?", email)


def subject_of(world: World, email: str) -> str:
    """Return the stable `sub` of an account: 21 digits, never the address."""
    digest = hmac.new(world.store.secret("subject key"), email.encode(), hashlib.sha256).digest()
    return str(10**20 + int.from_bytes(digest[:8], "big") % (9 * 10**19))


def claims_of(world: World, account: Account) -> dict[str, Any]:
    """Return the identity claims; `hd` for Workspace accounts only."""
    given, _, family = account.name.partition(" ")
    claims = {
        "sub": subject_of(world, account.email),
        "email": account.email,
        "email_verified": True,
        "name": account.name,
        "given_name": given,
        "family_name": family,
        "picture": f"{world.settings.base_url}/static/person.svg",
        "locale": "en",
    }
    return claims | ({"hd": account.hd} if account.hd else {})


def jwks(world: World) -> dict[str, Any]:
    """Return the public halves of all signing keys, newest first."""
    return {
        "keys": [
            {**key.as_dict(private=False), "use": "sig", "alg": "RS256"} for key in _keys(world)
        ]
    }


def rotate_key(world: World) -> None:
    """Sign with a new key from now on; the last two keys stay in the JWKS."""
    key = RSAKey.generate_key(_KEY_BITS, auto_kid=True)
    kept = [old.as_dict(private=True) for old in _keys(world)[:1]]
    world.store.remember("signing keys", json.dumps([key.as_dict(private=True), *kept]))


def _keys(world: World) -> list[RSAKey]:
    remembered = world.store.setting("signing keys")
    if not remembered:
        key = RSAKey.generate_key(_KEY_BITS, auto_kid=True)
        remembered = json.dumps([key.as_dict(private=True)])
        world.store.remember("signing keys", remembered)
    return [RSAKey.import_key(key) for key in json.loads(remembered)]


def _check_client(world: World, form: dict[str, str], basic: tuple[str, str] | None) -> None:
    client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    if not hmac.compare_digest(client_id.encode(), world.settings.client_id.encode()):
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not hmac.compare_digest(secret.encode(), world.settings.client_secret.encode()):
        raise OAuthError("invalid_client", "Unauthorized", 401)


def _exchange(world: World, form: dict[str, str]) -> dict[str, Any]:
    code = form.get("code", "")
    row = world.store.one("SELECT * FROM token WHERE secret = ? AND kind = 'code'", code)
    if row is None or row["expires_at"] <= world.now().timestamp():
        raise OAuthError("invalid_grant", "Malformed auth code.")
    world.store.run("DELETE FROM token WHERE secret = ?", code)
    body = json.loads(row["body"])
    if form.get("redirect_uri", "") != body["redirect_uri"]:
        raise OAuthError("redirect_uri_mismatch", "Bad Request")
    _check_pkce(body, form.get("code_verifier", ""))
    account = world.account(row["email"])
    if account is None:
        raise OAuthError("invalid_grant", "Account has been deleted")
    scopes = set(str(row["scopes"]).split())
    had_one = world.store.one(
        "SELECT 1 FROM token WHERE email = ? AND kind = 'refresh'", account.email
    )
    grant_id = str(row["grant_id"])
    answer = _token_answer(world, account.email, scopes, grant_id)
    # Google hands out a refresh token with the first consent only, unless prompt=consent asks again.
    if body["offline"] and (body["consent"] or had_one is None):
        answer["refresh_token"] = issue_refresh_token(world, account.email, scopes, grant_id)
    if "openid" in scopes:
        answer["id_token"] = _id_token(
            world, account, scopes, body["nonce"], answer["access_token"]
        )
    return answer


def _refresh(world: World, form: dict[str, str]) -> dict[str, Any]:
    token = form.get("refresh_token", "")
    row = world.store.one("SELECT * FROM token WHERE secret = ? AND kind = 'refresh'", token)
    account = world.account(row["email"]) if row else None
    if row is None or account is None:
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")
    granted = set(str(row["scopes"]).split())
    wanted = set(form.get("scope", "").split()) or granted
    if not wanted <= granted:
        raise OAuthError("invalid_scope", "Bad Request")
    answer = _token_answer(world, account.email, wanted, str(row["grant_id"]))
    if world.switches.rotate_refresh_tokens:
        world.store.run("DELETE FROM token WHERE secret = ?", token)
        answer["refresh_token"] = issue_refresh_token(
            world, account.email, granted, str(row["grant_id"])
        )
    if "openid" in wanted:
        answer["id_token"] = _id_token(world, account, wanted, "", answer["access_token"])
    return answer


def _service_account(world: World, form: dict[str, str]) -> dict[str, Any]:
    """Exchange a signed assertion; `sub` impersonates a user within the delegated scopes only."""
    try:
        issuer = _claims_unverified(form.get("assertion", "")).get("iss", "")
        known = world.store.one("SELECT * FROM service_account WHERE email = ?", issuer)
        if known is None:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        key = RSAKey.import_key(known["public_key"])
        claims = jwt.decode(form["assertion"], key, algorithms=["RS256"]).claims
    except (JoseError, ValueError) as error:
        raise OAuthError("invalid_grant", "Invalid JWT Signature.") from error
    now = world.now().timestamp()
    if claims.get("aud") != f"{world.settings.base_url}/token":
        raise OAuthError("invalid_grant", "Invalid JWT: Failed audience check.")
    if not claims.get("iat", 0) - 60 <= now < claims.get("exp", 0) <= claims.get("iat", 0) + 3600:
        raise OAuthError("invalid_grant", "Invalid JWT: Token must be a short-lived token.")
    scopes = set(str(claims.get("scope", "")).split())
    subject = str(claims.get("sub") or "").lower()
    if not subject or subject == issuer:
        return _token_answer(world, issuer, scopes, "", bare=True)
    account = world.account(subject)
    if account is None or not account.hd:
        raise OAuthError("invalid_grant", "Invalid email or User ID")
    if not scopes <= set(str(known["scopes"]).split()):
        raise OAuthError(
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method,"
            " or client not authorized for any of the scopes requested.",
            401,
        )
    return _token_answer(world, account.email, scopes, "")


def _token_answer(
    world: World, email: str, scopes: set[str], grant_id: str, *, bare: bool = False
) -> dict[str, Any]:
    named = sorted(_LONG_NAMES.get(scope, scope) for scope in scopes)
    return {
        "access_token": issue_access_token(world, email, scopes, grant_id, bare=bare),
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(named),
        "token_type": "Bearer",
    }


def _id_token(world: World, account: Account, scopes: set[str], nonce: str, access: str) -> str:
    key = _keys(world)[0]
    now = int(world.now().timestamp())
    half = hashlib.sha256(access.encode()).digest()[:16]
    claims = {
        "iss": world.settings.base_url,
        "azp": world.settings.client_id,
        "aud": world.settings.client_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS + 1,
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        **{
            name: value
            for name, value in claims_of(world, account).items()
            if _is_covered(name, scopes)
        },
    }
    if nonce:
        claims["nonce"] = nonce
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, claims, key)


def _is_covered(claim: str, scopes: set[str]) -> bool:
    short = {name for name in _IDENTITY if name in scopes or _LONG_NAMES.get(name) in scopes}
    if claim in ("sub", "hd"):
        return True
    return ("email" in short) if claim.startswith("email") else ("profile" in short)


def visible_claims(world: World, account: Account, scopes: frozenset[str]) -> dict[str, Any]:
    """Return what userinfo tells about somebody under these scopes."""
    claims = claims_of(world, account)
    return {name: value for name, value in claims.items() if _is_covered(name, set(scopes))}


def _check_pkce(body: dict[str, Any], verifier: str) -> None:
    if not body["challenge"]:
        return
    if not verifier:
        raise OAuthError("invalid_grant", "Missing code verifier.")
    made = verifier
    if body["method"] == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not hmac.compare_digest(made.encode(), str(body["challenge"]).encode()):
        raise OAuthError("invalid_grant", "Invalid code verifier.")


def _claims_unverified(assertion: str) -> dict[str, Any]:
    part = [*assertion.split("."), ""][1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims if isinstance(claims, dict) else {}


def _save(
    world: World,
    token: str,
    kind: str,
    email: str,
    scopes: set[str],
    seconds: int | None,
    grant_id: str,
    body: dict[str, Any],
) -> None:
    world.store.run(
        "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?)",
        token,
        kind,
        email.lower(),
        " ".join(sorted(scopes)),
        world.now().timestamp() + seconds if seconds is not None else None,
        grant_id,
        dumps(body),
    )
