"""What a client may ask at the authorization endpoint, and who may answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scheduler.emulator.company import Account
from scheduler.emulator.consents import consent_of
from scheduler.emulator.identity import subject_of
from scheduler.emulator.oauth_errors import Refusal, invalid_value, missing
from scheduler.emulator.scopes import SHORT_NAMES, full_names, unknown
from scheduler.emulator.world import World

PARAMETERS = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method", "login_hint", "hd", "prompt", "access_type", "include_granted_scopes",
)  # fmt: skip
_PROMPTS = {"none", "consent", "select_account"}
_ACCESS_TYPES = {"online", "offline"}
_ANY_WORKSPACE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the client wants of the person; scopes in full."""

    scopes: frozenset[str]
    prompts: frozenset[str]
    is_offline: bool
    includes_granted: bool
    login_hint: str
    hd: str


def asked_for(given: Mapping[str, str]) -> Asked:
    """Return what an authorization request asks for. Raises Refusal."""
    scopes = full_names(given.get("scope", "").split())
    if not scopes:
        raise missing("scope")
    if unknown(scopes):
        raise Refusal(
            "invalid_scope", f"Some requested scopes were invalid. {{invalid={unknown(scopes)}}}"
        )
    prompts = frozenset(given.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise invalid_value("prompt", given["prompt"])
    access_type = given.get("access_type") or "online"
    if access_type not in _ACCESS_TYPES:
        raise invalid_value("access_type", access_type)
    return Asked(
        # Who asks for an address or a name gets an ID token, too.
        scopes=scopes | ({"openid"} if scopes & set(SHORT_NAMES) else set()),
        prompts=prompts,
        is_offline=access_type == "offline",
        includes_granted=given.get("include_granted_scopes", "").lower() == "true",
        login_hint=given.get("login_hint", "").lower(),
        hd=given.get("hd", "").lower(),
    )


def needs_consent(world: World, account: Account, asked: Asked) -> bool:
    """Say whether Google would ask this person, or let what was agreed to before do."""
    known = consent_of(world, account.email)
    return "consent" in asked.prompts or not known.covers(asked.scopes, is_offline=asked.is_offline)


def granted_scopes(world: World, account: Account, asked: Asked) -> frozenset[str]:
    """Return what the person's yes is worth: with include_granted_scopes all earlier ones count."""
    if not asked.includes_granted:
        return asked.scopes
    return asked.scopes | consent_of(world, account.email).scopes


def offered(world: World, asked: Asked) -> list[Account]:
    """Return the accounts to choose from; `hd` narrows them to a domain ("*": any Workspace).

    It narrows the page alone: "Don't rely on this UI optimization to control who can access your
    app" (OpenID Connect). The form takes any account, so that a client that does is found out.
    """
    people = [account for account in world.accounts() if account.kind != "room"]
    if asked.hd == _ANY_WORKSPACE:
        return [account for account in people if account.hd]
    return [account for account in people if not asked.hd or account.hd == asked.hd]


def hinted(world: World, asked: Asked, accounts: Collection[Account]) -> Account | None:
    """Return the account that `login_hint` means: an address, or the `sub` of an ID token."""
    for account in accounts:
        if asked.login_hint in (account.email, subject_of(world, account.email)):
            return account
    return None


def answering_silently(world: World, asked: Asked, signed_in: Collection[str]) -> Account | None:
    """Return who answers `prompt=none`: signed in, the only one that can be meant, agreed before."""
    here = [account for account in offered(world, asked) if account.email in signed_in]
    meant = [hinted(world, asked, here)] if asked.login_hint else here
    if len(meant) != 1 or meant[0] is None or needs_consent(world, meant[0], asked):
        return None
    return meant[0]
