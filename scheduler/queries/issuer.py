"""What the OpenID issuer says of itself (OpenID Connect Discovery 1.0), asked once a process."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import Any

import requests

from scheduler.google.errors import Unreachable

ANSWER_WITHIN = timedelta(seconds=5)


class Issuer:
    """The issuer behind a discovery address."""

    def __init__(self, discovery_url: str) -> None:
        self._discovery_url = discovery_url
        self._lock = Lock()
        self._metadata: dict[str, Any] | None = None

    def metadata(self) -> dict[str, Any]:
        """Return the discovery document. Raises Unreachable; a failure is not remembered."""
        with self._lock:
            if self._metadata is None:
                self._metadata = self._read()
            return self._metadata

    def token_endpoint(self) -> str:
        return str(self.metadata()["token_endpoint"])

    def _read(self) -> dict[str, Any]:
        try:
            answer = requests.get(
                self._discovery_url,
                timeout=ANSWER_WITHIN.total_seconds(),
                allow_redirects=False,
            )
            answer.raise_for_status()
            metadata = answer.json()
        except (requests.RequestException, ValueError) as failure:
            raise Unreachable("the issuer's discovery document could not be read") from failure
        if not isinstance(metadata, dict) or "token_endpoint" not in metadata:
            raise Unreachable("the issuer's discovery document is not one")
        return metadata
