"""How the emulator's own pages go out: headers, times in somebody's zone."""

from __future__ import annotations

from typing import TypeVar

from werkzeug.wrappers import Response as AnyResponse

R = TypeVar("R", bound=AnyResponse)


def page_headers(response: R, *, forms_to: str = "", frames: bool = False) -> R:
    """Return the page with a policy that allows our style and nothing that runs."""
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        f"form-action 'self' {forms_to}".strip(),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    if frames:
        policy.append("frame-src 'self'")
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
