"""What the OpenID issuer says of itself (OpenID Connect Discovery 1.0), asked once a process."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Lock
from typing import Any

import httplib2

from scheduler.google.errors import Unreachable
from scheduler.google.transport import GuardedHttp, Http, new_http


class Issuer:
    """The issuer behind a discovery address."""

    def __init__(self, discovery_url: str, http_factory: Callable[[], Http] | None = None) -> None:
        self._discovery_url = discovery_url
        self._new_http = http_factory or (lambda: new_http(discovery_url))
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
        http = GuardedHttp(self._new_http(), self._discovery_url)
        try:
            answer, body = http.request(self._discovery_url, headers={"accept": "application/json"})
            metadata = json.loads(body) if answer.status == 200 else None
        except (OSError, httplib2.HttpLib2Error, ValueError) as failure:
            raise Unreachable("the issuer's discovery document could not be read") from failure
        finally:
            http.close()
        if not isinstance(metadata, dict) or "token_endpoint" not in metadata:
            raise Unreachable("the issuer's discovery document could not be read")
        return metadata
