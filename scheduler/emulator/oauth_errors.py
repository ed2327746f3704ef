"""What the issuer refuses, in the words that Google's token endpoint uses.

Google publishes few of these texts. They are as clients of the real endpoint have reported them;
where nobody has, the text is Google's catch-all "Bad Request".
"""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import UnsupportedGrantTypeError

_CATCH_ALL = "Bad Request"
_TOLD: dict[str, tuple[str, str]] = {
    "Missing 'code' in request.": ("invalid_request", "Missing required parameter: code"),
    "Missing 'refresh_token' in request.": (
        "invalid_request",
        "Missing required parameter: refresh_token",
    ),
    "Missing 'assertion' in request": ("invalid_request", "Missing required parameter: assertion"),
    "Invalid 'redirect_uri' in request.": ("redirect_uri_mismatch", _CATCH_ALL),
    "Missing 'code_verifier'": ("invalid_grant", "Missing code verifier."),
    "Invalid 'code_verifier'": ("invalid_grant", "Invalid code verifier."),
    "Code challenge failed.": ("invalid_grant", "Invalid code verifier."),
    "The authorization request had no 'code_challenge', but a 'code_verifier' was provided.": (
        "invalid_grant",
        "code_verifier or verifier is not needed.",
    ),
    **{
        f"Multiple '{name}' in request.": (
            "invalid_request",
            f"OAuth 2 parameters can only have a single value: {name}",
        )
        for name in ("response_type", "client_id", "redirect_uri", "scope", "state")
    },
    "Missing 'code_challenge'": ("invalid_request", "Missing required parameter: code_challenge"),
    "Invalid 'code_challenge'": ("invalid_request", "Invalid parameter value for code_challenge"),
    "Unsupported 'code_challenge_method'": (
        "invalid_request",
        "Invalid parameter value for code_challenge_method",
    ),
}


class Refusal(OAuth2Error):
    """Refused with {"error", "error_description"} as Google puts it, with HTTP 400 or 401."""

    def __init__(self, error: str, description: str = _CATCH_ALL, status: int = 400) -> None:
        super().__init__(error=error, status_code=status)
        # Set here and not by Authlib, which takes no quotation marks: a request may hold them.
        self.description = description


def missing(parameter: str) -> Refusal:
    """400 invalid_request: the request lacks a parameter."""
    return Refusal("invalid_request", f"Missing required parameter: {parameter}")


def invalid_value(parameter: str, value: str) -> Refusal:
    """400 invalid_request: a parameter has a value that Google does not offer."""
    return Refusal(
        "invalid_request", f"Invalid parameter value for {parameter}: Invalid {parameter}: {value}"
    )


def in_googles_words(error: OAuth2Error) -> Refusal:
    """Return what Google says where Authlib says `error`."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, UnsupportedGrantTypeError):
        if not error.grant_type:
            return Refusal("invalid_request", "Required parameter is missing: grant_type")
        return Refusal(error.error, f"Invalid grant_type: {error.grant_type}")
    code, description = _TOLD.get(str(error.description), (str(error.error), _CATCH_ALL))
    return Refusal(code, description)
