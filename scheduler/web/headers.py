"""What every answer says to the browser about itself: what may run, be framed, be kept, be passed on.

Static files never come here: `presentation.static_files` serves them and sets their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

CANDIDATE_PATH = "/i/"
NONCE_BYTES = 16
TWO_YEARS_IN_SECONDS = 63_072_000

SAME_FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}


def set_headers(app: Flask, *, public_url: str, issuer_origin: str) -> None:
    """Put the security headers on every answer of `app`, error pages included.

    `issuer_origin` is where the sign-in form leads: browsers hold `form-action` against redirects too.
    """
    is_https = urlsplit(public_url).scheme == "https"

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in SAME_FOR_ALL.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", _policy_of_this_page(issuer_origin))
        headers["Referrer-Policy"] = "no-referrer" if is_candidate_page() else "same-origin"
        if request.endpoint != "static":
            headers["Cache-Control"] = "no-store"
        if is_https:
            headers["Strict-Transport-Security"] = (
                f"max-age={TWO_YEARS_IN_SECONDS}; includeSubDomains"
            )
        return response


def content_security_policy(
    nonce: str, *, form_targets: Sequence[str] = (), trusted_types: str = "'none'"
) -> str:
    """Return a policy that allows our own files and nothing else, no inline script or style among it."""
    form_action = " ".join(["'self'", *form_targets])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action {form_action}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {trusted_types}",
        ]
    )


def nonce() -> str:
    """Return the nonce of this answer, the same one each time it is asked for.

    Made when first needed: a request refused before any hook ran still gets its error page.
    """
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(NONCE_BYTES)
    value: str = g.nonce
    return value


def is_candidate_page() -> bool:
    """Whether this request is a candidate's. Its path holds the secret of the link."""
    return request.path.startswith(CANDIDATE_PATH)


def _policy_of_this_page(issuer_origin: str) -> str:
    if is_candidate_page():
        # No htmx and no sign-in here, so neither is allowed.
        return content_security_policy(nonce())
    return content_security_policy(nonce(), form_targets=[issuer_origin], trusted_types="htmx")
