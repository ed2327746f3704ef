"""Drive a WSGI app through google-api-python-client, with no socket in between."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httplib2
from werkzeug.test import Client

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Sent:
    """One request as it left."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: str | bytes | None

    @property
    def path(self) -> str:
        return urlsplit(self.uri).path

    @property
    def parameters(self) -> dict[str, str]:
        return {name: said[-1] for name, said in parse_qs(urlsplit(self.uri).query).items()}

    @property
    def resource(self) -> Any:
        return json.loads(self.body or "null")

    @property
    def is_write(self) -> bool:
        return "/events" in self.path and self.method != "GET"


class WsgiHttp:
    """The part of httplib2.Http that googleapiclient uses, answered by a WSGI app."""

    redirect_codes: frozenset[int] = frozenset()

    def __init__(self, wsgi_app: WSGIApplication) -> None:
        self._client = Client(wsgi_app)
        self.sent: list[Sent] = []
        self.times_closed = 0

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_ignored: object,
    ) -> tuple[httplib2.Response[Any], bytes]:
        self.sent.append(Sent(method, uri, dict(headers or {}), body))
        response = self._client.open(uri, method=method, data=body, headers=dict(headers or {}))
        info = {name.lower(): value for name, value in response.headers.items()}
        content = response.data
        if info.pop("content-encoding", "") == "gzip":  # as httplib2 does
            content = gzip.decompress(content)
        return httplib2.Response({**info, "status": str(response.status_code)}), content

    def close(self) -> None:
        self.times_closed += 1
