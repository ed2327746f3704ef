"""Google's two official clients behind one face, so that a check is written once and holds for both."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from googleapiclient import discovery
from googleapiclient.errors import HttpError

from scheduler.assets import build_assets

PYTHON = "google-api-python-client"
NODE = "@googleapis/calendar"
NODE_FOLDER = Path(__file__).parent / "node"
NODE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What a client made of a 2xx, or of a 304."""

    status: int
    headers: dict[str, str]
    body: Any


class Refusal(Exception):
    """What a client made of anything else; `seen` is the client's own error."""

    def __init__(self, status: int, body: Any, headers: dict[str, str], seen: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = headers
        self.seen = seen

    @property
    def reason(self) -> str:
        return str(self.body["error"]["errors"][0]["reason"])

    @property
    def message(self) -> str:
        return str(self.body["error"]["message"])


class Official(ABC):
    """One of Google's clients, signed in as somebody."""

    name: str

    @abstractmethod
    def ask(self, method: str, headers: dict[str, str] | None = None, **params: Any) -> Answer:
        """Call a method by the reference's name ("events.insert"); raise Refusal when it is refused."""

    def __call__(self, method: str, /, **params: Any) -> Any:
        return self.ask(method, **params).body

    def pages(self, method: str, /, **params: Any) -> list[Any]:
        """Return every page of a list."""
        found = [self(method, **params)]
        while "nextPageToken" in found[-1]:
            found.append(self(method, **params, pageToken=found[-1]["nextPageToken"]))
        return found


class Python(Official):
    """google-api-python-client, pointed at the emulator by its option `api_endpoint`."""

    name = PYTHON

    def __init__(self, url: str, credentials: Any, api: str = "calendar") -> None:
        version, path = {"calendar": ("v3", "/calendar/v3/"), "meet": ("v2", "/")}[api]
        build: Any = discovery.build
        self.service = build(
            api,
            version,
            credentials=credentials,
            client_options={"api_endpoint": url + path},
            cache_discovery=False,
        )

    def ask(
        self, method: str, headers: dict[str, str] | None = None, retries: int = 0, **params: Any
    ) -> Answer:
        *resources, name = method.split(".")
        resource = self.service
        for each in resources:
            resource = getattr(resource, each)()
        request = getattr(resource, {"import": "import_"}.get(name, name))(**params)
        request.headers.update(headers or {})
        seen: list[Any] = []
        request.add_response_callback(seen.append)
        try:
            body = request.execute(num_retries=retries)
        except HttpError as error:
            if error.status_code == 304:  # the other client takes it for an answer
                return Answer(304, dict(error.resp), None)
            body = json.loads(error.content) if error.content else None
            raise Refusal(int(error.status_code), body, dict(error.resp), error) from error
        return Answer(seen[-1].status, dict(seen[-1]), body)


class NodeProcess:
    """The bridge to Node, started once: a line for each call, a line for each answer."""

    def __init__(self, environment: dict[str, str]) -> None:
        assert (NODE_FOLDER / "node_modules").is_dir(), "the Node clients are missing: make test"
        node, _ = build_assets.find_node()
        self._process = subprocess.Popen(
            [*node, "bridge.mjs"],
            cwd=NODE_FOLDER,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def send(self, call: dict[str, Any]) -> dict[str, Any]:
        """Return what the bridge says to a call; fail when it says nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            assert ready.select(NODE_SECONDS), f"Node said nothing to {call['method']}"
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def close(self) -> None:
        self._process.communicate(timeout=NODE_SECONDS)


class Node(Official):
    """Google's clients for Node, pointed at the emulator by their option `rootUrl`."""

    name = NODE

    def __init__(
        self, process: NodeProcess, url: str, auth: dict[str, Any], api: str = "calendar"
    ) -> None:
        self._process = process
        self._call = {"api": api, "rootUrl": url + "/", "auth": auth}
        self.credentials: dict[str, Any] = {}

    def ask(
        self,
        method: str,
        headers: dict[str, str] | None = None,
        options: dict[str, Any] | None = None,
        **params: Any,
    ) -> Answer:
        if "body" in params:
            params["requestBody"] = params.pop("body")
        said = self._process.send(
            {
                **self._call,
                "method": method,
                "params": params,
                "options": {"headers": headers or {}, **(options or {})},
            }
        )
        self.credentials = said["credentials"]
        if "error" in said:
            seen = said["error"]
            raise Refusal(
                int(seen.get("status") or 0), seen.get("data"), seen.get("headers") or {}, seen
            )
        return Answer(
            said["answer"]["status"], said["answer"]["headers"], said["answer"].get("data")
        )


SignedIn = Callable[..., Official]
"""(email, *scopes, api="calendar") -> the client, as somebody; the scope is "calendar" unless told."""
